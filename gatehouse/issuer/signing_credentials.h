/// SigningCredentials — the key that tokens are signed with, and under which algorithm.
///
/// Reading refuses what must never sign: placeholders, secrets of this documentation, secrets that are too
/// short or have no randomness, and public keys. Messages say how to make a good one and never show what was
/// given.
#pragma once

#include <string>
#include <string_view>

#include "gatehouse/base/result.h"
#include "gatehouse/jose/key.h"

namespace gatehouse::issuer {

struct SigningCredentials {
  jose::Key key;  ///< with a kid
  jose::Algorithm algorithm = jose::Algorithm::HS256;
};

/// From the text of a setting or of a file: a PEM private key, a JWK, or else an HMAC secret, whose UTF-8
/// octets are the key as in the original. `algorithm` may be empty: the JWK's own, HS256, RS256, or the ES
/// algorithm of the curve. `kid` may be empty: the JWK's own, else a thumbprint (RFC 7638), of a secret a
/// keyed one that does not help to guess it. Fails with configuration_invalid; the subject is the sentence
/// for the operator.
Result<SigningCredentials> read_signing_credentials(std::string_view text, std::string_view algorithm = {},
                                                    std::string_view kid = {});

}  // namespace gatehouse::issuer
