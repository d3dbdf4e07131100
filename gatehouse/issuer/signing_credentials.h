/// SigningCredentials — the key that tokens are signed with, and under which algorithm.
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

/// `algorithm` may be empty: the JWK's own, HS256, RS256, or the ES algorithm of the curve. `kid` may be
/// empty: the JWK's own, else a thumbprint (RFC 7638), of a secret a keyed one that does not help to guess
/// it. Fails with configuration_invalid for a public key, and for one that is too short or does not fit; the
/// subject is the sentence for the operator.
Result<SigningCredentials> make_signing_credentials(jose::Key key, std::string_view algorithm = {},
                                                    std::string_view kid = {});

/// The same from the text of a setting or of a file, as jose::read_key reads it.
Result<SigningCredentials> read_signing_credentials(std::string_view text, std::string_view algorithm = {},
                                                    std::string_view kid = {});

}  // namespace gatehouse::issuer
