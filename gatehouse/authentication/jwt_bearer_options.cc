#include "gatehouse/authentication/jwt_bearer_options.h"

#include <algorithm>

namespace gatehouse::authentication {

JwtBearerOptions JwtBearerOptions::aspnet_core() {
  JwtBearerOptions original{.token_validation_parameters = tokens::TokenValidationParameters::aspnet_core(),
                            .error_details = ErrorDetails::values,
                            .save_token = true};
  original.authority_options.refresh.refresh_interval = std::chrono::minutes(5);
  original.authority_options.try_oauth_metadata = false;
  return original;
}

Result<void> JwtBearerOptions::validate() const {
  const bool printable = std::ranges::all_of(challenge, [](char c) { return c >= ' ' && c <= '~'; });
  if (challenge.empty() || !printable)
    return fail(
        Failure::configuration_invalid,
        "JwtBearerOptions.challenge must be printable ASCII that begins with the scheme, such as \"Bearer\"");
  return {};
}

}  // namespace gatehouse::authentication
