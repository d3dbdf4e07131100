/// Denial — why a request was turned away, for the operator; a feature of the request that a log line is made
/// of.
///
/// Nothing of it is sent to the client. Texts are rendered only when somebody reads them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::authentication {

struct Denial {
  int status = 0;  ///< 401 or 403; 0 while a failure has not led to an answer
  std::string scheme = {};
  std::optional<Error> error = {};  ///< of the scheme; empty when there was no token, or the caller is known
  std::shared_ptr<const tokens::TokenValidator> validator = {};  ///< knows what was expected
  std::string token_header = {};        ///< first segment of the refused token, for its alg and kid
  std::string policy = {};              ///< of a 403: the policies that applied
  std::vector<std::string> unmet = {};  ///< of a 403: the requirements that failed
  std::string missing_scope = {};       ///< of a 403: scopes that would have helped; the client may know them
};

}  // namespace gatehouse::authentication
