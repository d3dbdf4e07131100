#include <fmt/format.h>

#include "gatehouse/tokens/validate.h"
#include "tests/vectors/runner/cases.h"
#include "tests/vectors/runner/jose_reading.h"

namespace gatehouse::vectors {
namespace {

void judge_counts(const Json& expect, const jose::KeySet& set, Differences& differences) {
  if (expect.contains("usable") && expect.at("usable") != set.keys().size())
    differences.push_back(fmt::format("{} usable keys", set.keys().size()));
  std::size_t ignored = 0;
  for (const char* member : {"ignored", "ignored_for_signature"})
    ignored += expect.value(member, std::size_t{0});
  if ((expect.contains("ignored") || expect.contains("ignored_for_signature")) && ignored != set.skipped())
    differences.push_back(fmt::format("{} ignored keys", set.skipped()));
}

// A provider whose tokens name no audience is used without asking for one, and asking refuses them.
Differences judge_provider_token(const Json& file, const Json& one) {
  const auto set = jose::KeySet::parse(file.at("document").dump());
  if (!set) return {refusal(set)};
  const Json& claims = one.at("claims");
  tokens::TokenValidationParameters parameters{.valid_issuer = one.at("issuer"), .valid_audience = "orders"};
  parameters.issuer_signing_keys = set->keys();
  const Instant now(Seconds(file.at("clock").get<std::int64_t>()));
  const std::string token = one.at("token");
  const auto verdict = [&] { return tokens::TokenValidator::make(parameters).value().validate(token, now); };
  Differences differences;
  if (claims.contains("aud")) {
    parameters.valid_audience = one.at("audience");
  } else {
    if (verdict()) differences.push_back("ACCEPTED without an audience");
    parameters.validate_audience = false;
  }
  const auto accepted = verdict();
  judge_verdict(one.at("expect"), accepted, differences);
  if (accepted && accepted->signing_key->kid() != one.at("kid").get<std::string>())
    differences.push_back("verified with key " + accepted->signing_key->kid());
  return differences;
}

Differences judge_document(const Json& file) {
  const auto set = jose::KeySet::parse(file.at("document").dump());
  if (!set) return {refusal(set)};
  Differences differences;
  judge_counts(file.at("expect"), *set, differences);
  return differences;
}

std::string unbase64(std::string text) {
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  while (text.ends_with('=')) text.pop_back();
  return unbase64url(text);
}

// `repeat_entries` times the keys that are written down.
std::string document_of(const Json& input) {
  if (input.contains("document")) return input.at("document").dump();
  if (input.contains("document_b64")) return unbase64(input.at("document_b64"));
  std::string text = input.at("document_text");
  if (!input.contains("repeat_entries")) return text;
  const Json once = Json::parse(text);
  Json document = once;
  for (int i = 1; i < input.at("repeat_entries").get<int>(); ++i)
    for (const Json& key : once.at("keys")) document.at("keys").push_back(key);
  return document.dump();
}

}  // namespace

Cases cases_of_jwks(const Json& file) {
  Cases cases{{file.at("id"), [&file] { return judge_document(file); }}};
  for (const Json& one : file.at("tokens"))
    cases.push_back({one.at("id"), [&] { return judge_provider_token(file, one); }});
  return cases;
}

// Which keys of a set that somebody publishes are used.
Differences judge_jwks(const Json& attack) {
  const Json& expect = attack.at("expect");
  const std::string document = document_of(attack.at("input"));
  const double before = cpu_milliseconds();
  const auto set = jose::KeySet::parse(document);
  Differences differences;
  judge_time(expect, cpu_milliseconds() - before, differences);
  if (expect.value("keep_last_good", false)) judge_last_good(document, differences);
  const std::string outcome =
      expect.at("outcome") == "policy" ? expect.at("preferred") : expect.at("outcome");
  if (outcome != "key_ignored") {
    judge_verdict(expect, set, differences);
    if (set) judge_counts(expect, *set, differences);
    return differences;
  }
  if (!set) return {refusal(set)};
  if (set->keys().size() != expect.value("usable", std::size_t{0}))
    differences.push_back(fmt::format("{} usable keys", set->keys().size()));
  const Json published = Json::parse(set->public_jwks());
  for (const Json& key : published.at("keys"))
    for (const Json& member : expect.value("must_not_expose", Json::array()))
      if (key.contains(member.get<std::string>())) differences.push_back("EXPOSES " + member.dump());
  return differences;
}

}  // namespace gatehouse::vectors
