#include <fmt/format.h>

#include <algorithm>

#include "gatehouse/base/ascii.h"
#include "tests/vectors/runner/cases.h"
#include "tests/vectors/runner/listening.h"

namespace gatehouse::vectors {
namespace {

std::string wire_of(const AttackSetup& setup, const Json& request, bool is_anonymous) {
  const auto is = [](const std::string& line, std::string_view name) {
    return equals_ignoring_case(line.substr(0, name.size()), name);
  };
  std::string wire = fmt::format("{} {} HTTP/1.1\r\n", request.at("method").get<std::string>(),
                                 request.at("path").get<std::string>());
  bool names_host = false;
  for (const std::string line : request.at("headers")) {
    if (is_anonymous && is(line, "Authorization:")) continue;
    names_host = names_host || is(line, "Host:");
    wire += setup.fill_in(line) + "\r\n";
  }
  if (!names_host) wire += "Host: api.gatehouse.example\r\n";
  const bool has_body = request.contains("body") && request.at("body").is_string();
  const std::string body = has_body ? setup.fill_in(request.at("body")) : "";
  if (has_body) wire += fmt::format("Content-Length: {}\r\n", body.size());
  return wire + "Connection: close\r\n\r\n" + body;
}

void judge_reach(ProfileHost& host, const Json& expect, Differences& differences) {
  const auto hits = host.take_hits();
  if (!expect.contains("must_not_reach")) return;
  for (const std::string path : expect.at("must_not_reach"))
    if (std::ranges::find(hits, path) != hits.end()) differences.push_back("REACHED " + path);
}

void judge_answer(const Json& expect, const Answer& answer, Differences& differences) {
  const Wanted want = wanted(expect);
  const bool is_free = expect.at("outcome") == "policy" && want == Wanted::either;
  const bool is_good = answer.status >= 200 && answer.status < 300;
  if (expect.contains("status") && !allows(expect.at("status"), answer.status) && !(is_free && is_good))
    differences.push_back(fmt::format("answered {}", answer.status));
  if (answer.status == 0) differences.push_back("no answer");
  const std::string challenge = answer.header("WWW-Authenticate");
  if (expect.contains("challenge") && answer.status == 401 &&
      !challenge.starts_with(expect.at("challenge").get<std::string>()))
    differences.push_back(fmt::format("challenged with '{}'", challenge));
  if (!is_well_formed(challenge)) differences.push_back("the challenge is not well-formed");
  if (expect.contains("error")) {
    const Json body = Json::parse(answer.body, nullptr, false);
    if (!body.is_object() || body.value("error", "") != expect.at("error").get<std::string>())
      differences.push_back(fmt::format("no error {}", expect.at("error").dump()));
  }
  if (expect.contains("cache_control") &&
      !answer.header("Cache-Control").contains(expect.at("cache_control").get<std::string>()))
    differences.push_back(fmt::format("Cache-Control is '{}'", answer.header("Cache-Control")));
  if (expect.contains("allow") &&
      answer.header("Access-Control-Allow-Origin").empty() == expect.at("allow").get<bool>())
    differences.push_back("the origin is, or is not, allowed against the policy");
}

}  // namespace

Differences judge_http(AttackHosts& hosts, const Json& attack) {
  Differences differences;
  ProfileHost& host = hosts.of("rs256");
  host.clock().set(hosts.setup.clock());
  host.take_hits();
  const Listening listening(host.app(), host.clock());
  const Json& expect = attack.at("expect");
  const Json& request = attack.at("input").at("request");
  judge_answer(expect, parse_answer(listening.ask(wire_of(hosts.setup, request, false))), differences);
  judge_reach(host, expect, differences);
  if (expect.contains("status_anonymous")) {
    const Answer answer = parse_answer(listening.ask(wire_of(hosts.setup, request, true)));
    if (!allows(expect.at("status_anonymous"), answer.status))
      differences.push_back(fmt::format("answered {} to nobody", answer.status));
    judge_reach(host, expect, differences);
  }
  return differences;
}

}  // namespace gatehouse::vectors
