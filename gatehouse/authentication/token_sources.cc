#include "gatehouse/authentication/token_sources.h"

#include <fmt/format.h>

#include <vector>

#include "gatehouse/base/ascii.h"

namespace gatehouse::authentication {
namespace {

constexpr std::string_view parameter = "access_token";

// As .NET's Trim sees them within Latin-1: a token is cut out of whatever stands around it, and then judged.
constexpr std::string_view blanks = " \t\r\n\v\f";

// Of "Bearer <token>", the scheme without regard to case (RFC 9110 §11.1); empty for other credentials.
std::string_view after_bearer(std::string_view credentials) {
  constexpr std::string_view prefix = "Bearer ";
  if (!equals_ignoring_case(credentials.substr(0, prefix.size()), prefix)) return {};
  return trim(credentials.substr(prefix.size()), blanks);
}

void add_parameters(std::string_view pairs, std::vector<std::string>& found) {
  while (!pairs.empty()) {
    const std::string_view pair = pairs.substr(0, pairs.find('&'));
    pairs.remove_prefix(std::min(pair.size() + 1, pairs.size()));
    const std::size_t equals = pair.find('=');
    if (equals == pair.npos || http::decode_component(pair.substr(0, equals)) != parameter) continue;
    // What does not decode is still something that was meant as a token.
    found.push_back(http::decode_component(pair.substr(equals + 1)).value_or("undecodable"));
  }
}

bool has_form(const http::Request& request) {
  const std::string_view type = request.header("Content-Type").value_or("");
  const bool may_have_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  return may_have_body && equals_ignoring_case(trim(type.substr(0, type.find(';')), blanks),
                                               "application/x-www-form-urlencoded");
}

}  // namespace

Result<std::string_view> find_token(const http::Request& request, const TokenSources& sources,
                                    std::string& storage) {
  std::string_view in_header;
  std::size_t headers = 0;
  for (const auto& [name, value] : request.headers) {
    if (!equals_ignoring_case(name, "Authorization")) continue;
    ++headers;
    if (const std::string_view token = after_bearer(value); !token.empty()) in_header = token;
  }
  if (!in_header.empty() && headers > 1)
    return fail(Failure::several_tokens, fmt::format("{} Authorization headers", headers));
  if (!sources.query && !sources.form && sources.cookie.empty()) return in_header;

  std::vector<std::string> found;
  if (!in_header.empty()) found.emplace_back(in_header);
  if (sources.query) add_parameters(request.query, found);
  if (sources.form && has_form(request)) add_parameters(request.body, found);
  if (!sources.cookie.empty())
    if (auto cookie = request.cookie(sources.cookie)) found.push_back(*std::move(cookie));
  if (found.size() > 1) return fail(Failure::several_tokens, fmt::format("{} tokens", found.size()));
  storage = found.empty() ? std::string() : std::move(found.front());
  return storage;
}

std::string_view original_token(const http::Request& request, std::string& storage) {
  std::string_view only;
  std::size_t headers = 0;
  for (const auto& [name, value] : request.headers) {
    if (!equals_ignoring_case(name, "Authorization") || value.empty()) continue;
    if (++headers == 1) only = value;
    if (headers == 2) storage = only;
    if (headers >= 2) (storage += ',') += value;
  }
  return after_bearer(headers > 1 ? storage : only);
}

}  // namespace gatehouse::authentication
