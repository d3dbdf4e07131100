// Requests to an issuer's endpoints, and flows of attacks/refresh, over a socket.

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "gatehouse/base/base64url.h"
#include "gatehouse/base/random.h"
#include "gatehouse/base/wait_for.h"
#include "tests/vectors/runner/cases.h"
#include "tests/vectors/runner/issuer_host.h"

namespace gatehouse::vectors {
namespace {

const std::vector<std::string> as_form = {"Content-Type: application/x-www-form-urlencoded"};

std::string member(const Answer& answer, const std::string& name) {
  const Json body = Json::parse(answer.body, nullptr, false);
  return body.is_object() && body.contains(name) && body.at(name).is_string() ? std::string(body.at(name))
                                                                              : std::string();
}

std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.')
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return out;
}

// Where an answer is not what the case wants.
void judge_answer(const Json& expect, const Answer& answer, Differences& differences) {
  if (expect.contains("status") && !allows(expect.at("status"), answer.status))
    differences.push_back(fmt::format("status {}", answer.status));
  if (expect.contains("error") && answer.status != 405 &&
      member(answer, "error") != expect.at("error").get<std::string>()) {
    // "invalid_request is fine too", and its like.
    const std::string note = expect.value("note", std::string());
    const std::string error = member(answer, "error");
    if (error.empty() || !note.contains(error + " is fine too"))
      differences.push_back(fmt::format("error '{}'", error));
  }
  if (expect.contains("cache_control") &&
      answer.header("Cache-Control") != expect.at("cache_control").get<std::string>())
    differences.push_back("it may be cached");
  if (expect.contains("body") && Json::parse(answer.body, nullptr, false) != expect.at("body"))
    differences.push_back("body " + answer.body.substr(0, 100));
}

// "any other status" of a note, where the error has one of its own.
Json with_other_statuses(Json expect) {
  const std::string note = expect.value("note", std::string());
  for (const int status : {400, 413, 415})
    if (note.contains(fmt::format("{} is fine too", status)) ||
        (status == 400 && note.contains("invalid_request is fine too"))) {
      Json statuses =
          expect.at("status").is_array() ? expect.at("status") : Json::array({expect.at("status")});
      statuses.push_back(status);
      expect["status"] = statuses;
    }
  return expect;
}

class Flow {
 public:
  explicit Flow(const Json& setup) : host_(setup) {}

  void run(const Json& step, Differences& differences) {
    if (step.contains("login")) return log_in(step);
    if (step.contains("token_request")) return keep(receive(request(step.at("token_request"))));
    if (step.contains("expect")) {
      judge_answer(step.at("expect"), last(), differences);
      return save(step, last());
    }
    if (step.contains("parallel")) return at_once(step.at("parallel"), differences);
    if (step.contains("parallel_repeat"))
      return at_once(std::vector<Json>(step.at("times"), step.at("parallel_repeat")), differences);
    if (step.contains("api"))
      return keep(host_.ask("GET", "/me/sessions",
                            {"Authorization: Bearer " + filled_in(step.at("api").at("bearer"))}, ""));
    if (step.contains("revoke"))
      return keep(host_.ask("POST", "/connect/revoke", as_form,
                            fmt::format("token={}&client_id=web-1&client_secret=SECRET1",
                                        encoded(filled_in(step.at("revoke").at("token"))))));
    if (step.contains("change_password")) return change_password(differences);
    if (step.contains("disable_user"))
      return (void)host_.users().set_disabled(step.at("disable_user").get<std::string>(), true);
    if (step.contains("repeat_refresh_until_s"))
      return refresh_until(step.at("repeat_refresh_until_s"), differences);
    if (step.contains("repeat")) return guess(step, differences);
    throw NotDriven("flow of another kind");
  }

  // Whatever the case is about: of one login there is one row, and what was refused and revoked is dead.
  void judge_end(const std::string& name, Differences& differences) {
    if (name.starts_with("race") && wait_for(host_.store().sessions().count()).value() != 1)
      differences.emplace_back("there is more than one family");
    const bool ends = name.starts_with("replay") || name == "after-revoke";
    if (ends &&
        host_.ask("GET", "/me/sessions", {"Authorization: Bearer " + saved_["at1"]}, "").status != 401)
      differences.emplace_back("an access token of the family is accepted");
    if (name.starts_with("value-") &&
        host_.ask("POST", "/connect/token", as_form, refresh_with(saved_["rt1"])).status != 200)
      differences.emplace_back("the real token is no longer valid");
  }

 private:
  static std::string refresh_with(const std::string& token) {
    return fmt::format("grant_type=refresh_token&refresh_token={}&client_id=web-1&client_secret=SECRET1",
                       encoded(token));
  }

  std::string filled_in(std::string text) {
    const auto replace = [&](const std::string& name, const std::string& value) {
      for (std::size_t at = text.find(name); at != text.npos; at = text.find(name, at + value.size()))
        text.replace(at, name.size(), value);
    };
    for (const auto& [name, value] : saved_) {
      std::string swapped = value;
      for (char& c : swapped)
        c = static_cast<char>(std::isupper(static_cast<unsigned char>(c)) != 0 ? std::tolower(c)
                                                                               : std::toupper(c));
      replace("@@" + name + "@@", value);
      replace("@@" + name + "[:-1]@@", value.substr(0, value.size() - 1));
      replace("@@" + name + "[:16]@@", value.substr(0, 16));
      replace("@@" + name + ".swapcase@@", swapped);
    }
    replace("@@SECRET:web-1@@", host_.secret_of("web-1"));
    replace("@@RANDOM@@", random_text(32));
    return text;
  }

  void log_in(const Json& step) {
    const Json& login = step.at("login");
    const Answer answer = host_.log_in(login.at("user"), login.at("client_id"));
    for (const auto& [name, what] : step.at("save").items())
      saved_[name] = member(answer, what == "access_token" ? "accessToken" : "refreshToken");
  }

  int request(const Json& parameters) {
    std::string body;
    for (const auto& [name, value] : parameters.items())
      if (value.is_string())
        body += fmt::format("{}{}={}", body.empty() ? "" : "&", name, encoded(filled_in(value)));
    return host_.send("POST", "/connect/token", as_form, body);
  }
  static Answer receive(int connection) { return IssuerHost::receive(connection); }

  void keep(Answer answer) { answers_ = {std::move(answer)}; }
  const Answer& last() const { return answers_.back(); }
  void save(const Json& step, const Answer& answer) {
    if (!step.contains("save")) return;
    for (const auto& [name, what] : step.at("save").items()) saved_[name] = member(answer, what);
  }

  // At most one gets a new token, and nobody is told that we are in trouble.
  void at_once(const std::vector<Json>& steps, Differences& differences) {
    std::vector<int> connections;
    for (const Json& step : steps) connections.push_back(request(step.at("token_request")));
    int granted = 0;
    for (const int connection : connections) {
      const Answer answer = receive(connection);
      granted += answer.status == 200;
      if (answer.status != 200 && member(answer, "error") != "invalid_grant")
        differences.push_back(fmt::format("status {}", answer.status));
    }
    if (granted != 1) differences.push_back(fmt::format("{} got a new token", granted));
  }

  // In another session, as where somebody takes an account back.
  void change_password(Differences& differences) {
    const std::string access = member(host_.log_in("alice", "web-1"), "accessToken");
    const Json body = {{"current", IssuerHost::password()}, {"new", "seven umbrellas over a violin"}};
    const Answer answer =
        host_.ask("POST", "/me/password",
                  {"Content-Type: application/json", "Authorization: Bearer " + access}, body.dump());
    if (answer.status != 204)
      differences.push_back(fmt::format("the password was not changed: {}", answer.status));
  }

  // After 20 in five minutes none is looked at; what the next 2,000 get, all others do. That no made-up token
  // is a real one is a matter of its 256 bits.
  void guess(const Json& step, Differences& differences) {
    const std::string token = member(host_.log_in("alice", "web-1"), "refreshToken");
    const auto octets = base64url::decode(std::string_view(token).substr(std::string_view("grt_").size()));
    if (!octets || octets->size() < 32) differences.emplace_back("a refresh token is short");
    const Json& parameters = step.at("repeat").at("token_request");
    const int times = std::min(step.at("times").get<int>(), 2000);
    int tried = 0;
    for (int turn = 0; turn < times; ++turn) {
      const Answer answer = receive(request(parameters));
      const bool is_looked_at = answer.status == 400 && member(answer, "error") == "invalid_grant";
      const bool has_to_wait = answer.status == 429 && member(answer, "error") == "temporarily_unavailable" &&
                               !answer.header("Retry-After").empty();
      tried += is_looked_at;
      if (!is_looked_at && !has_to_wait)
        return differences.push_back(fmt::format("guess {} has status {}", turn, answer.status));
    }
    if (tried != 20) differences.push_back(fmt::format("{} guesses were looked at", tried));
  }

  void refresh_until(int seconds, Differences& differences) {
    std::string token = saved_["rt1"];
    for (int passed = 3600; passed < seconds; passed += 3600) {
      host_.advance(Seconds(3600));
      const Answer answer = host_.ask("POST", "/connect/token", as_form, refresh_with(token));
      const bool is_over = passed >= 30 * 24 * 3600;
      if ((answer.status == 200) == is_over)
        return differences.push_back(fmt::format("status {} after {} s", answer.status, passed));
      if (answer.status == 200) token = member(answer, "refresh_token");
    }
  }

  IssuerHost host_;
  std::map<std::string, std::string> saved_;
  std::vector<Answer> answers_;
};

}  // namespace

Differences judge_issuer(const Json& setup, const Json& attack) {
  IssuerHost host(setup);
  const Json& request = attack.at("input").at("request");
  std::vector<std::string> headers = request.value("headers", std::vector<std::string>());
  std::string body = request.contains("body") && request.at("body").is_string()
                         ? request.at("body").get<std::string>()
                         : std::string();
  const auto put = [&](const std::string& name, const auto& make) {
    if (const std::size_t at = body.find(name); at != body.npos) body.replace(at, name.size(), make());
  };
  std::string foreign;
  put("@@rt-of-web-2@@", [&] {
    stores::Client client = wait_for(host.store().clients().find("web-2")).value();
    client.is_first_party = true;
    wait_for(host.store().clients().update(client)).value();
    return foreign = member(host.log_in("alice", "web-2"), "refreshToken");
  });
  put("@@at-of-other-api@@", [&] {
    return member(host.ask("POST", "/connect/token", as_form,
                           "grant_type=client_credentials&client_id=other&client_secret=other"),
                  "access_token");
  });
  const double before = cpu_milliseconds();
  const Answer answer = host.ask(request.at("method"), request.at("path"), headers, body);
  Differences differences;
  judge_time(attack.at("expect"), cpu_milliseconds() - before, differences);
  judge_answer(with_other_statuses(attack.at("expect")), answer, differences);
  if (!foreign.empty() &&
      host.ask("POST", "/connect/token", as_form,
               fmt::format("grant_type=refresh_token&refresh_token={}&client_id=web-2&client_secret=SECRET2",
                           foreign))
              .status != 200)
    differences.emplace_back("the other client's token is no longer valid");
  return differences;
}

Differences judge_refresh(const Json& setup, const Json& attack) {
  const std::string id = attack.at("id");
  Flow flow(setup);
  Differences differences;
  for (const Json& step : attack.at("input").at("steps")) flow.run(step, differences);
  flow.judge_end(id.substr(id.rfind('/') + 1), differences);
  return differences;
}

// A login with a refresh token of another session: a session of its own, and that one as it was.
Differences judge_session_fixation(const Json& setup) {
  IssuerHost host(setup);
  const std::string given = member(host.log_in("alice", "web-1"), "refreshToken");
  const Json body = {{"email", "alice"},
                     {"password", IssuerHost::password()},
                     {"client_id", "web-1"},
                     {"refresh_token", given},
                     {"refreshToken", given}};
  const Answer again = host.ask("POST", "/login", {"Content-Type: application/json"}, body.dump());
  Differences differences;
  const auto sid_of = [&](const std::string& token) {
    const Answer answer = host.ask(
        "POST", "/connect/token", as_form,
        fmt::format("grant_type=refresh_token&refresh_token={}&client_id=web-1&client_secret=SECRET1",
                    token));
    if (answer.status != 200) differences.push_back(fmt::format("a refresh has status {}", answer.status));
    return member(answer, "sid");
  };
  if (again.status != 200) differences.push_back(fmt::format("status {}", again.status));
  if (sid_of(member(again, "refreshToken")) == sid_of(given))
    differences.emplace_back("the session is the one that was given");
  if (wait_for(host.store().sessions().count()).value() != 2)
    differences.emplace_back("there are not two sessions");
  return differences;
}

namespace {

// What everybody does with an issuer, right and wrong: the last but one replays a refresh token, which ends
// the session.
std::vector<Answer> use_and_misuse(IssuerHost& host, const std::string& access, const std::string& refresh) {
  const std::vector<std::string> as_json = {"Content-Type: application/json"};
  const std::string secret = host.secret_of("web-1"), bearer = "Authorization: Bearer " + access;
  const std::string client = "client_id=web-1&client_secret=" + secret;
  const std::string refreshing = fmt::format("grant_type=refresh_token&refresh_token={}&{}", refresh, client);
  const std::string& password = IssuerHost::password();
  const Json swapped = {{"email", password}, {"password", "wrong"}, {"client_id", "web-1"}};
  struct Asked {
    const char* method;
    std::string target;
    std::vector<std::string> headers;
    std::string body;
  };
  const Asked all[] = {
      {"POST", "/login", as_json, swapped.dump()},
      {"POST", "/login", as_json, "{" + password},
      {"GET", "/login?password=" + encoded(password), {}, ""},
      {"GET", "/" + access, {bearer}, ""},
      {"GET", "/me/sessions", {bearer + "x"}, ""},
      {"POST", "/connect/token", as_form, "grant_type=" + secret + "&" + client},
      {"POST", "/connect/token", as_form, "grant_type=client_credentials&scope=" + secret + "&" + client},
      {"POST", "/connect/token?" + refreshing, as_form, ""},
      {"POST", "/connect/introspect", as_form, "token=" + access + "&client_id=" + secret},
      {"POST", "/connect/token", as_form, refreshing},
      {"POST", "/connect/token", as_form, refreshing},
      {"GET", "/me/sessions", {bearer}, ""},
  };
  std::vector<Answer> answers;
  for (const auto& [method, target, headers, body] : all)
    answers.push_back(host.ask(method, target, headers, body));
  return answers;
}

}  // namespace

// Then nothing of use stands where operators and strangers read: in the log, the audit log, and answers that
// refuse.
Differences judge_logs(const Json& setup) {
  IssuerHost host(setup);
  const Answer logged_in = host.log_in("alice", "web-1");
  const std::string access = member(logged_in, "accessToken"), refresh = member(logged_in, "refreshToken");
  const std::vector<Answer> answers = use_and_misuse(host, access, refresh);
  std::string seen = host.log();
  const auto entries = wait_for(host.store().audit().after(0, 1000)).value();
  for (const auto& [sequence, event, hash] : entries)
    for (const std::string& text :
         {event.event, event.actor, event.subject, event.client, event.sid, event.reason})
      seen += text + "\n";
  for (const Answer& answer : answers)
    if (answer.status >= 400) seen += answer.head + answer.body;
  Differences differences;
  if (!seen.contains("login.failed") || !seen.contains("replay"))
    differences.emplace_back("not all was seen");
  const std::pair<const char*, std::string> useful[] = {{"password", IssuerHost::password()},
                                                        {"password", encoded(IssuerHost::password())},
                                                        {"refresh token", refresh},
                                                        {"access token", access},
                                                        {"client secret", host.secret_of("web-1")}};
  for (const auto& [what, value] : useful)
    if (seen.contains(value)) differences.push_back(fmt::format("somebody can read the {}", what));
  return differences;
}

}  // namespace gatehouse::vectors
