/// AuthorityOptions — whose keys verify tokens, and how they are fetched.
#pragma once

#include <cstdint>
#include <string>

#include "gatehouse/discovery/refresh_schedule.h"

namespace gatehouse::discovery {

/// What a host does at its start until the keys have come.
enum class StartMode : std::uint8_t {
  wait,     ///< listens when they are there, or start_timeout is over
  degrade,  ///< listens at once; until they come, its tokens are answered 503, and that counts as degraded
  require,  ///< does not start without them
};

struct AuthorityOptions {
  /// "https://issuer.example/realms/demo". Its document is at /.well-known/openid-configuration behind it
  /// (OpenID Connect Discovery §4), or, where there is none, at /.well-known/oauth-authorization-server
  /// before its path (RFC 8414 §3).
  std::string authority = {};
  std::string metadata_address = {};  ///< of the document, where it is elsewhere
  /// The `iss` of its tokens and its document; empty: `authority`, or with metadata_address alone what the
  /// first document there says, from then on. "{tenantid}" stands for the token's `tid`.
  std::string issuer = {};
  /// Where to fetch what the authority has under its own name, such as "https://keycloak:8443" within a
  /// cluster. Empty: from the authority.
  std::string fetch_base = {};

  bool require_https_metadata = true;    ///< false fetches keys that anybody on the way may replace
  bool allow_private_addresses = false;  ///< its keys may be on another host whose address is not public
  bool public_addresses_only = false;  ///< connect to no other address: for authorities that a request names
  bool try_oauth_metadata = true;      ///< look for the document of RFC 8414 where there is no other

  RefreshOptions refresh = {};
  Milliseconds wait_for_keys{250};  ///< a request waits so long for a fetch that it depends on
  StartMode start_mode = StartMode::wait;
  Milliseconds start_timeout{5000};  ///< for wait and require

  /// Keeps the last good document and keys on disk, so that a restart serves while the authority does not
  /// answer: no longer than last_known_good_lifetime after they were fetched, and a week where that is for
  /// ever. A file of this authority's alone, on a local disk; empty: none.
  std::string snapshot_file = {};
  /// A file of 32 octets or more that the snapshot is sealed with (HMAC-SHA-256). Empty: the file of the same
  /// name with ".key" behind it, made at random when there is none. The seal shows damage, a snapshot of
  /// another authority or host, and one by somebody who can write the snapshot and cannot read the key; it is
  /// nothing against who can read the key, nor against putting back an older one that has not run out.
  std::string snapshot_key_file = {};
};

}  // namespace gatehouse::discovery
