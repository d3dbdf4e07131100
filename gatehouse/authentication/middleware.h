/// Authentication middleware — asks the default scheme who is asking, once, and sets HttpContext::user().
#pragma once

#include "gatehouse/authentication/scheme.h"
#include "gatehouse/http/pipeline.h"

namespace gatehouse::authentication {

/// What the default scheme said, for the middleware after it. Present only after a success.
struct AuthenticateResultFeature {
  AuthenticateResult result = AuthenticateResult::none();
};

/// A failure is no answer: the request goes on as anonymous, and an open endpoint is reached with a bad token
/// too. `service` must outlive the pipeline.
http::Middleware use_authentication(const AuthenticationService& service);

}  // namespace gatehouse::authentication
