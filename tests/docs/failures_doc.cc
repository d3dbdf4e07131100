// Writes docs/failures.md: each kind of failure with its meaning (the comments of base/error.h), its words
// (describe()), its HTTP status (asked of the code that answers), and what to do about it (base/advice.h).
// Usage: failures_doc ERROR_H            prints the page
//        failures_doc ERROR_H PAGE.md    1 when the page is another one

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <regex>
#include <sstream>
#include <utility>

#include "gatehouse/authentication/jwt_bearer_handler.h"
#include "gatehouse/base/advice.h"
#include "gatehouse/base/error.h"
#include "gatehouse/http/response.h"

namespace {

using namespace gatehouse;

/// What the bearer scheme answers to a token that failed so.
int challenge_status(Failure kind) {
  authentication::JwtBearerOptions options;
  options.token_validation_parameters = {
      .valid_issuer = "issuer",
      .valid_audience = "audience",
      .issuer_signing_key = jose::Key::symmetric(Secret("kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq"))};
  const auto handler = authentication::JwtBearerHandler::make("Bearer", std::move(options)).value();
  const http::Request request;
  const http::ServiceCollection services;
  const SystemClock clock;
  http::HttpContext context(request, services, clock);
  const auto answer = [&]() -> Task<int> {
    const auto result = authentication::AuthenticateResult::fail({.kind = kind});
    co_await handler->challenge(context, result);
    co_return context.response.status;
  };
  return run_inline(answer()).value();
}

std::string status(Failure kind) {
  using enum Failure;
  if (kind == configuration_invalid) return "none: the program does not start";
  const int of_token = challenge_status(kind);
  const int of_endpoint = http::results::problem(Error{.kind = kind}).status;
  if (kind == too_large) return fmt::format("{}; of a body {}", of_token, of_endpoint);
  const bool is_about_the_caller = (kind <= refused && kind != forbidden) || kind == credentials_invalid;
  return std::to_string(is_about_the_caller ? of_token : of_endpoint);
}

/// `describe()` with a placeholder where the value seen would stand.
std::string words(Failure kind) { return describe({.kind = kind, .subject = "…"}); }

constexpr std::string_view introduction = R"(# Failures

<!-- Written by tests/docs/failures_doc.cc from gatehouse/base/error.h; a test says when it is out of date. -->

Every way Gatehouse can say no. The code stands in the log line of a refused request (`"code":"expired"`), beside `actual`, what was
seen, and `expected`, what would have been accepted. Clients are told none of it: at the default level every token that fails gets the same
401 and the same sentence.

`gatehouse explain` says which checks one token passed, and what would mend it; `gatehouse help CODE` prints a row of this page.

"In words" is the sentence for the operator; `…` is the value that it is about.
)";

std::string page(std::istream& header) {
  const std::regex section(R"(^  // (.+)$)");
  const std::regex entry(R"(^  (\w+),\s+///< (.+?)\s*(RFC \d.*)?$)");
  std::string text(introduction);
  std::string line;
  while (std::getline(header, line) && !line.starts_with("enum class Failure")) {
  }
  auto next = static_cast<std::uint8_t>(Failure::malformed);
  std::smatch found;
  while (std::getline(header, line) && !line.starts_with("};")) {
    if (std::regex_match(line, found, section))
      text += fmt::format(
          "\n## {}\n\n| code | means | RFC | in words | status | what to do |\n|---|---|---|---|---|---|\n",
          found[1].str());
    if (!std::regex_match(line, found, entry)) continue;
    const auto kind = static_cast<Failure>(next++);
    if (found[1].str() != code(kind)) throw std::runtime_error("the enum is not read as it stands: " + line);
    text += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", found[1].str(), found[2].str(), found[3].str(),
                        words(kind), status(kind), advice(kind));
  }
  if (next != static_cast<std::uint8_t>(Failure::internal) + 1)
    throw std::runtime_error("an entry of the enum has no comment, or stands over several lines");
  return text;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2) return 2;
  std::ifstream header(argv[1]);
  const std::string written = page(header);
  if (argc == 2) {
    std::cout << written;
    return 0;
  }
  std::ostringstream kept;
  kept << std::ifstream(argv[2]).rdbuf();
  if (kept.str() == written) return 0;
  std::cerr << argv[2] << " is out of date; write it again with:\n  failures_doc " << argv[1] << " > "
            << argv[2] << '\n';
  return 1;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
