#include "gatehouse/http/response.h"

#include <gtest/gtest.h>

namespace gatehouse::http {
namespace {

TEST(Results, OkWithABodyIsJson) {
  const Response response = results::ok(R"({"a":1})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.find("Content-Type"), "application/json");
  EXPECT_EQ(response.body, R"({"a":1})");
}

TEST(Results, CreatedNamesTheLocation) {
  const Response response = results::created("/orders/1", "{}");
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.headers.find("Location"), "/orders/1");
}

TEST(Results, ProblemEscapesItsDetail) {
  const Response response = results::problem(400, "Bad Request", "a \"quoted\"\nword");
  EXPECT_EQ(response.headers.find("Content-Type"), "application/problem+json");
  EXPECT_EQ(response.body, R"({"title":"Bad Request","status":400,"detail":"a \"quoted\"\nword"})");
}

struct ProblemCase {
  Failure kind;
  int status;
  bool retry_after;
};

constexpr ProblemCase problem_cases[] = {
    {Failure::unavailable, 503, true},
    {Failure::overloaded, 503, true},
    {Failure::metadata_unavailable, 503, true},
    {Failure::malformed, 400, false},
    {Failure::not_found, 404, false},
    {Failure::conflict, 409, false},
    {Failure::too_large, 413, false},
    {Failure::internal, 500, false},
    {Failure::configuration_invalid, 500, false},
    {Failure::forbidden, 403, false},
    {Failure::throttled, 429, false},
};

class Problem : public testing::TestWithParam<ProblemCase> {};

TEST_P(Problem, AnswersAFailureWithoutItsSubject) {
  const Response response = results::problem(Error{.kind = GetParam().kind, .subject = "host-7.internal"});
  EXPECT_EQ(response.status, GetParam().status);
  EXPECT_EQ(response.headers.find("Retry-After").has_value(), GetParam().retry_after);
  EXPECT_FALSE(response.body.contains("host-7.internal"));
  EXPECT_TRUE(response.body.contains(code(GetParam().kind)));
}

INSTANTIATE_TEST_SUITE_P(Rfc9457, Problem, testing::ValuesIn(problem_cases),
                         [](const auto& test) { return std::string(code(test.param.kind)); });

TEST(ReasonPhrase, IsEmptyForWhatNobodyRegistered) {
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(299), "");
}

}  // namespace
}  // namespace gatehouse::http
