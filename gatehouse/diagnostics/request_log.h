/// Request log — every denial and every defect of a request as one structured line.
#pragma once

#include "gatehouse/diagnostics/log.h"
#include "gatehouse/http/http_context.h"

namespace gatehouse::diagnostics {

/// Called once a request, after the pipeline. For one that was denied, a line "request_denied" with the
/// failure code, what was seen and what was expected, scheme, route, status, alg and kid of the token, trace
/// and correlation ids; for one whose handling threw, a line "request_failed"; for every other one, nothing.
/// The client learns none of it.
void log_request(const Log& log, const http::HttpContext& context);

}  // namespace gatehouse::diagnostics
