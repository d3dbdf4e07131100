#include "tests/vectors/runner/cases.h"

namespace gatehouse::vectors {
namespace {

Differences judge(const Json& attack, AttackHosts& hosts) {
  const std::string kind = attack.at("kind");
  if (kind == "token") return judge_token(hosts, attack);
  if (kind == "jws-json") return judge_jws_json(hosts, attack);
  if (kind == "authorize") return judge_authorize(hosts, attack);
  if (kind == "denylist") return judge_denied(hosts, attack);
  if (kind == "jwks") return judge_jwks(attack);
  if (kind == "metadata") return judge_metadata(attack);
  if (kind == "http-origin-behaviour") return judge_origin(attack);
  if (kind == "config-secret") return judge_secret(attack);
  if (kind == "http" && attack.at("category") == "oauth") return judge_issuer(hosts.setup.json(), attack);
  if (kind == "http") return judge_http(hosts, attack);
  if (kind == "flow" && attack.at("category") == "metadata") return judge_key_life(attack);
  if (kind == "flow" && attack.at("category") == "login") return judge_login(hosts.setup.json(), attack);
  if (kind == "flow" && attack.at("category") == "refresh") return judge_refresh(hosts.setup.json(), attack);
  throw NotDriven(kind);
}

}  // namespace

Cases cases_of_attacks(const Json& file, AttackHosts& hosts) {
  Cases cases;
  for (const Json& attack : file.at("cases"))
    cases.push_back({attack.at("id"), [&] { return judge(attack, hosts); }});
  return cases;
}

}  // namespace gatehouse::vectors
