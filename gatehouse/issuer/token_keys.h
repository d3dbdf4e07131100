/// TokenKeys — signing keys of a ring that are on a PKCS#11 token (an HSM): the ring holds their names, and
/// signs through the token.
///
/// Who may write to the token makes them, beforehand and as many as are to be used; the ring takes them in
/// their order.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "gatehouse/base/result.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/jose/algorithm.h"
#include "gatehouse/jose/key.h"

namespace gatehouse::issuer {

struct TokenKeyOptions {
  std::vector<std::string> keys;  ///< URIs (RFC 7512), as jose::open_pkcs11_key has them; none: no token
  std::string module_path;        ///< of the token's library; empty: each URI says it
  Secret pin;                     ///< empty: each URI names a file that has it
};

/// Thread-safe. Calls ask the token, which takes its time: not on a reactor.
class TokenKeys {
 public:
  explicit TokenKeys(TokenKeyOptions options) : options_(std::move(options)) {}

  bool is_empty() const noexcept { return options_.keys.empty(); }
  static bool is_name(std::string_view text) noexcept { return text.starts_with("pkcs11:"); }

  struct Named {
    std::string uri;
    jose::Key key;
  };

  /// The first key for `algorithm` that is not in `used`. Fails with not_found when there is none left, and
  /// as open_pkcs11_key.
  Result<Named> next(jose::Algorithm algorithm, const std::set<std::string>& used);

  /// The key behind `uri`, which has to be the one that was called `kid`. Fails with configuration_invalid
  /// when it is another, and as open_pkcs11_key.
  Result<jose::Key> open(const std::string& uri, const std::string& kid);

 private:
  Result<jose::Key> open(const std::string& uri);

  TokenKeyOptions options_;
  std::mutex mutex_;
  std::map<std::string, jose::Key> opened_;  // by URI
};

}  // namespace gatehouse::issuer
