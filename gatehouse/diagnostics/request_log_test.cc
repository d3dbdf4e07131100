#include "gatehouse/diagnostics/request_log.h"

#include <gtest/gtest.h>

#include "gatehouse/authentication/denial.h"
#include "gatehouse/base/base64url.h"
#include "gatehouse/http/endpoint.h"

namespace gatehouse::diagnostics {
namespace {

class FixedClock final : public Clock {
 public:
  Instant now() const override { return Instant(Seconds(1'780'272'000)); }
};

std::shared_ptr<const tokens::TokenValidator> validator() {
  return std::make_shared<const tokens::TokenValidator>(
      tokens::TokenValidator::make({.valid_issuer = "https://issuer.example",
                                    .valid_audience = "api://orders",
                                    .issuer_signing_key = jose::Key::symmetric(Secret(std::string(32, 'k')))})
          .value());
}

class RequestLog : public testing::Test {
 protected:
  std::string line() {
    log_request(log_, context_);
    return lines_.empty() ? "" : lines_.front();
  }
  void expect_field(const std::string& line, const std::string& field) {
    EXPECT_NE(line.find(field), std::string::npos) << field << " in " << line;
  }

  FixedClock clock_;
  std::vector<std::string> lines_;
  Log log_{clock_, Level::information, [this](Level, std::string_view line) { lines_.emplace_back(line); }};
  http::Request request_{.remote_address = "127.0.0.1"};
  http::ServiceCollection services_;
  http::Endpoint endpoint_{.method = "GET", .pattern = "/api/orders/{id}"};
  http::HttpContext context_{request_, services_, clock_};
};

TEST_F(RequestLog, ADeniedTokenIsOneLineWithWhatWasSeenAndExpected) {
  context_.set_endpoint(&endpoint_);
  context_.trace = {.trace_id = "0af7651916cd43dd8448eb211c80319c", .correlation_id = "order-7"};
  context_.features.set<authentication::Denial>(
      authentication::Denial{.status = 401,
                             .scheme = "Bearer",
                             .error = Error{Failure::audience_invalid, "api://other"},
                             .validator = validator(),
                             .token_header = base64url::encode(R"({"alg":"HS256","kid":"k1"})")});
  const std::string written = line();
  for (const char* field : {R"("event":"request_denied")", R"("status":401)", R"("code":"audience_invalid")",
                            R"("actual":"api://other")", R"("expected":"api://orders")",
                            R"("scheme":"Bearer")", R"("route":"GET /api/orders/{id}")", R"("alg":"HS256")",
                            R"("kid":"k1")", R"("trace_id":"0af7651916cd43dd8448eb211c80319c")",
                            R"("correlation_id":"order-7")", R"("remote_address":"127.0.0.1")"})
    expect_field(written, field);
  EXPECT_EQ(lines_.size(), 1u);
}

TEST_F(RequestLog, AMissingTokenHasItsOwnCode) {
  context_.features.set<authentication::Denial>(authentication::Denial{.status = 401, .scheme = "Bearer"});
  expect_field(line(), R"("code":"no_token")");
}

TEST_F(RequestLog, AForbiddenRequestNamesPolicyUserAndWhatWasMissing) {
  context_.set_user(std::make_shared<const claims::ClaimsPrincipal>(
      claims::ClaimsIdentity{.claims = {{.type = "sub", .value = "bob"}},
                             .authentication_type = "Bearer",
                             .name_claim_types = {"sub"}}));
  context_.features.set<authentication::Denial>(authentication::Denial{
      .status = 403, .scheme = "Bearer", .policy = "AdminOnly", .unmet = {"role Admin"}});
  const std::string written = line();
  for (const char* field : {R"("code":"forbidden")", R"("policy":"AdminOnly")", R"("expected":"role Admin")",
                            R"("subject":"bob")"})
    expect_field(written, field);
}

TEST_F(RequestLog, AnExceptionIsADefectAndNamesWhatItSaid) {
  context_.exception = std::make_exception_ptr(std::runtime_error("boom"));
  const std::string written = line();
  expect_field(written, R"("event":"request_failed")");
  expect_field(written, R"("exception":"boom")");
}

TEST_F(RequestLog, ARequestThatWentWellLeavesNoLine) { EXPECT_EQ(line(), ""); }

TEST_F(RequestLog, AFailureThatLedToNoAnswerLeavesNoLine) {
  context_.features.set<authentication::Denial>(authentication::Denial{.error = Error{Failure::expired}});
  EXPECT_EQ(line(), "");
}

}  // namespace
}  // namespace gatehouse::diagnostics
