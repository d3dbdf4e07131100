#include <fmt/format.h>

#include "gatehouse/jose/jws.h"
#include "gatehouse/jose/jws_json.h"
#include "gatehouse/tokens/explain.h"
#include "tests/vectors/runner/cases.h"

namespace gatehouse::vectors {
namespace {

std::string joined(const Json& parts) {
  std::string text;
  for (const Json& part : parts) {
    if (part.is_string())
      text += part.get<std::string>();
    else
      for (int i = 0; i < part.at("times").get<int>(); ++i) text += part.at("repeat").get<std::string>();
  }
  return text;
}

std::string payload_of(const Json& recipe) {
  if (recipe.contains("payload_parts")) return joined(recipe.at("payload_parts"));
  if (!recipe.contains("payload_generator")) return recipe.at("payload").dump();
  std::string payload = R"({"iss":"https://issuer.gatehouse.example","aud":"https://api.gatehouse.example",)"
                        R"("exp":4102444800)";
  for (int i = 0; i < 100'000; ++i) payload += fmt::format(R"(,"c{}":1)", i);
  return payload + '}';
}

std::string token_of(const AttackSetup& setup, const Json& input) {
  if (input.contains("token")) return input.at("token");
  if (input.contains("token_parts")) return joined(input.at("token_parts"));
  const Json& recipe = input.at("token_recipe");
  const Json& sign = recipe.at("sign");
  const auto algorithm = jose::parse_algorithm(sign.at("alg").get<std::string>());
  return jose::sign_compact(payload_of(recipe), setup.private_key(sign.at("key")), algorithm.value()).value();
}

Instant now_of(const AttackSetup& setup, const Json& input) {
  return input.contains("clock") ? Instant(Seconds(input.at("clock").get<std::int64_t>())) : setup.clock();
}

// Members of one group must fail in one way: what tells them apart would be an oracle.
void judge_group(AttackHosts& hosts, const Json& attack, const Result<tokens::Token>& verdict,
                 Differences& differences) {
  if (!attack.contains("oracle_group") || verdict) return;
  const std::string code(gatehouse::code(verdict.error().kind));
  const auto [known, is_first] = hosts.group_failures.emplace(attack.at("oracle_group"), code);
  if (!is_first && known->second != code)
    differences.push_back(fmt::format("{} where its group fails as {}", code, known->second));
}

// What `gatehouse explain` says of it: the same, and what would mend it.
void judge_explanation(const tokens::TokenValidator& validator, const std::string& token, Instant now,
                       const Result<tokens::Token>& verdict, Differences& differences) {
  const tokens::Explanation explanation = tokens::explain(token, validator, now);
  const Error* failure = explanation.failure();
  const bool is_same = failure ? !verdict && *failure == verdict.error() : verdict.has_value();
  if (!is_same)
    differences.push_back(fmt::format("explained as {}", failure ? describe(*failure) : "accepted"));
  if (failure && explanation.fixes.empty()) differences.push_back("explained without a fix");
}

// What the client and the log see of it.
void judge_answer(ProfileHost& host, const Json& expect, const std::string& token, Differences& differences) {
  host.take_log();
  const auto answer = host.server().get("/api/me", token);
  const auto log = host.take_log();
  if (wanted(expect) == Wanted::no && expect.at("outcome") == "reject" && expect.contains("status") &&
      !allows(expect.at("status"), answer.status))
    differences.push_back(fmt::format("answered {}", answer.status));
  const std::string challenge = answer.challenge();
  if (!is_well_formed(challenge)) differences.push_back("the challenge is not well-formed: " + challenge);
  if (challenge.size() > expect.value("max_challenge_bytes", std::size_t{4096}))
    differences.push_back(fmt::format("the challenge has {} octets", challenge.size()));
  if (answer.status == 401 && log.size() != 1)
    differences.push_back(fmt::format("{} log lines for one denial", log.size()));
  for (const std::string& line : log) {
    if (line.find_first_of("\r\n") != line.npos) differences.push_back("a log line breaks in two");
    if (token.size() > 40 && line.contains(token.substr(token.size() / 2)))
      differences.push_back("the log holds the token");
  }
}

}  // namespace

Differences judge_token(AttackHosts& hosts, const Json& attack) {
  Differences differences;
  const Json& expect = attack.at("expect");
  const std::string token = token_of(hosts.setup, attack.at("input"));
  ProfileHost& host = hosts.of(attack.at("profile"));
  const Instant now = now_of(hosts.setup, attack.at("input"));
  host.clock().set(now);

  const double before = cpu_milliseconds();
  const auto verdict = host.validator().validate(token, now);
  judge_time(expect, cpu_milliseconds() - before, differences);
  judge_verdict(expect, verdict, differences);
  judge_group(hosts, attack, verdict, differences);
  judge_explanation(host.validator(), token, now, verdict, differences);
  const double between = cpu_milliseconds();
  judge_verdict(expect, host.generous_validator().validate(token, now), differences);
  judge_time(expect, cpu_milliseconds() - between, differences);
  judge_answer(host, expect, token, differences);
  return differences;
}

Differences judge_jws_json(AttackHosts& hosts, const Json& attack) {
  const auto parameters = hosts.setup.parameters(attack.at("profile"));
  const auto verify = [&]() -> Result<std::vector<std::size_t>> {
    GH_TRY(const jose::JsonJws jws, jose::parse_jws_json(attack.at("input").at("token").get<std::string>()));
    return jose::verify(jws, jose::KeySet(parameters.issuer_signing_keys),
                        jose::RequiredSignatures::every_one,
                        {.valid_algorithms = parameters.valid_algorithms});
  };
  Differences differences;
  judge_verdict(attack.at("expect"), verify(), differences);
  return differences;
}

Differences judge_authorize(AttackHosts& hosts, const Json& attack) {
  const Json& input = attack.at("input");
  ProfileHost& host = hosts.of(attack.at("profile"));
  host.clock().set(now_of(hosts.setup, input));
  host.take_hits();
  const auto answer = host.server().get(input.at("policy").at("route"), input.at("token").get<std::string>());
  const bool has_reached = !host.take_hits().empty();
  const Json& expect = attack.at("expect");
  if (!allows(expect.at("status"), answer.status)) return {fmt::format("answered {}", answer.status)};
  if (has_reached != (wanted(expect) == Wanted::yes))
    return {"the endpoint ran, or did not, against the answer"};
  return {};
}

}  // namespace gatehouse::vectors
