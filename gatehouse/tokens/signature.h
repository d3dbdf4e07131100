/// Signature step of validation — which keys may verify a token, and whether one does; private to this room.
#pragma once

#include "gatehouse/base/result.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/jose/key_set.h"
#include "gatehouse/tokens/validation_parameters.h"

namespace gatehouse::tokens {

struct SignatureVerdict {
  Result<const jose::Key*>
      key;  ///< the key that verified it, or signature_invalid, key_not_found, alg_not_allowed …
  bool asks_claims_first =
      false;  ///< the kid is unknown: lifetime, audience and issuer win over `key`'s failure
};

/// Decides among `keys` as the design's "which keys are tried" says, or as the original does in its profile.
SignatureVerdict verify_signature(const jose::Jws& jws, const jose::KeySet& keys,
                                  const TokenValidationParameters& parameters);

}  // namespace gatehouse::tokens
