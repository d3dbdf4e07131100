/// Decryption step of validation — which keys may open a token, and what comes out; private to this room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/result.h"
#include "gatehouse/jose/jwe.h"
#include "gatehouse/jose/key_set.h"
#include "gatehouse/tokens/validation_parameters.h"

namespace gatehouse::tokens {

/// What the parameters let an encrypted token choose.
jose::DecryptionOptions decryption_options(const TokenValidationParameters& parameters);

/// Fails with configuration_invalid: a name that is no algorithm, or a key that can open nothing.
Result<void> check_decryption(const TokenValidationParameters& parameters,
                              const std::vector<jose::Key>& keys);

/// The signed token within `text`, not verified yet. Fails with malformed for what is no JWE,
/// decryption_failed or decompression_failed as jose::decrypt does (also when no key may be tried), and
/// no_signature for a JWE within.
Result<std::string> open_encrypted(std::string_view text, const jose::KeySet& keys,
                                   const jose::DecryptionOptions& options,
                                   const TokenValidationParameters& parameters);

}  // namespace gatehouse::tokens
