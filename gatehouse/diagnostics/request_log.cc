#include "gatehouse/diagnostics/request_log.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <exception>
#include <string>
#include <vector>

#include "gatehouse/authentication/denial.h"
#include "gatehouse/base/base64url.h"
#include "gatehouse/http/endpoint.h"
#include "gatehouse/jose/header.h"

namespace gatehouse::diagnostics {
namespace {

using authentication::Denial;

// The route's pattern and never the path: a path may carry what somebody typed into it.
std::string route_of(const http::HttpContext& context) {
  const http::Endpoint* endpoint = context.endpoint();
  return endpoint ? fmt::format("{} {}", endpoint->method, endpoint->pattern) : std::string();
}

jose::Header header_of(const Denial& denial) {
  const auto octets = base64url::decode(denial.token_header);
  auto header = octets ? jose::parse_header(*octets) : fail(Failure::malformed);
  return header ? *std::move(header) : jose::Header{};
}

struct Reason {
  std::string code;
  std::string actual;
  std::string expected;
};

Reason reason_of(const Denial& denial, Instant now) {
  if (denial.status == 403)
    return {.code = std::string(code(Failure::forbidden)),
            .expected = fmt::format("{}", fmt::join(denial.unmet, ", "))};
  if (!denial.error) return {.code = "no_token", .expected = "a bearer token"};
  return {.code = std::string(code(denial.error->kind)),
          .actual = denial.error->subject,
          .expected = denial.validator ? denial.validator->expectation(denial.error->kind, now) : ""};
}

void log_denial(const Log& log, const http::HttpContext& context, const Denial& denial) {
  const Reason reason = reason_of(denial, context.now());
  const jose::Header header = header_of(denial);
  const std::string route = route_of(context);
  log.warning("request_denied",
              {{"status", std::int64_t{denial.status}},
               {"code", reason.code},
               {"actual", reason.actual},
               {"expected", reason.expected},
               {"scheme", denial.scheme},
               {"policy", denial.policy},
               {"route", route},
               {"method", context.request.method},
               {"subject", denial.status == 403 ? context.user().name().value_or("") : std::string_view()},
               {"alg", header.alg},
               {"kid", header.kid},
               {"remote_address", context.request.remote_address},
               {"trace_id", context.trace.trace_id},
               {"span_id", context.trace.span_id},
               {"correlation_id", context.trace.correlation_id}});
}

void log_exception(const Log& log, const http::HttpContext& context) {
  std::string what = "an exception of unknown type";
  try {
    std::rethrow_exception(context.exception);
  } catch (const std::exception& exception) {
    what = exception.what();
  } catch (...) {  // the text above says what is known
  }
  const std::string route = route_of(context);
  log.error("request_failed", {{"code", code(Failure::internal)},
                               {"exception", what},
                               {"route", route},
                               {"method", context.request.method},
                               {"trace_id", context.trace.trace_id},
                               {"correlation_id", context.trace.correlation_id}});
}

}  // namespace

void log_request(const Log& log, const http::HttpContext& context) {
  if (context.exception) return log_exception(log, context);
  const Denial* denial = context.features.find<Denial>();
  if (denial && denial->status != 0) log_denial(log, context, *denial);
}

}  // namespace gatehouse::diagnostics
