/// Metadata — what an authority says of itself (OpenID Connect Discovery 1.0 §3, RFC 8414 §2), as far as it
/// may be believed.
#pragma once

#include <string>
#include <string_view>

#include "gatehouse/base/result.h"
#include "gatehouse/base/url.h"
#include "gatehouse/jose/key_set.h"

namespace gatehouse::discovery {

/// What a document has to agree with.
struct MetadataRules {
  std::string issuer;         ///< `issuer` has to be this, letter by letter (OpenID Connect Discovery §4.3);
                              ///< empty: any, where nothing but the address was configured
  Url address;                ///< where the document came from
  bool require_https = true;  ///< of `jwks_uri`
  bool allow_private =
      false;  ///< `jwks_uri` may name an address that is not public, on another host than `address`
};

struct Metadata {
  std::string issuer;
  Url jwks_uri;
};

/// Fails with metadata_invalid, the subject saying what is wrong: no JSON object, a member twice, another
/// issuer (both are shown), no usable `jwks_uri`, one of http, one with a port below 1024 that is neither the
/// authority's nor 80 or 443. Members that nobody here asks for do not count, as what an authority supports
/// widens nothing.
Result<Metadata> parse_metadata(std::string_view document, const MetadataRules& rules);

/// The keys of a JWK set. Fails with metadata_invalid for what is no set, one without any usable key, and one
/// that holds a private key: whoever published that has lost it.
Result<jose::KeySet> parse_key_set(std::string_view document);

}  // namespace gatehouse::discovery
