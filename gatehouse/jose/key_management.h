/// Key management — how the content key of a JWE reaches its recipient: what `alg` names (RFC 7518 §4);
/// private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/json.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/jose/encryption_algorithm.h"
#include "gatehouse/jose/key.h"

namespace gatehouse::jose {

/// The two algorithms of one token.
struct Encryption {
  const KeyManagementTraits& management;
  const ContentEncryptionTraits& content;
};

/// A content key on its way out.
struct WrappedKey {
  Secret content_key;
  std::string encrypted_key;  ///< empty with dir and plain ECDH-ES
};

struct WrapOptions {
  std::string_view party_u;  ///< `apu`, of ECDH-ES
  std::string_view party_v;  ///< `apv`, of ECDH-ES
  std::uint64_t rounds = 0;  ///< `p2c`, of PBES2
};

/// A new content key for `key`, and what the header has to say of it besides (`epk`, `iv`, `tag`, `p2s`,
/// `p2c`), which is written to `header`. Fails with key_invalid, weak_key or internal.
Result<WrappedKey> wrap_content_key(const Encryption& algorithms, const Key& key, const WrapOptions& options,
                                    json::Writer& header);

/// The content key of a token, or nothing; the caller goes on with a random one, so that nobody learns which
/// step failed (RFC 7516 §11.5). `header` is the token's own, `most_rounds` the cap on PBES2's.
std::optional<Secret> unwrap_content_key(const Encryption& algorithms, const Key& key,
                                         const json::Value& header, std::string_view encrypted_key,
                                         std::uint64_t most_rounds);

}  // namespace gatehouse::jose
