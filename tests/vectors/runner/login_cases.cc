// Flows of attacks/login, over a socket, to a login whose limits are the defaults. What these cases expect
// stands in words; `expectations` says it in statuses.

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <map>

#include "gatehouse/gatehouse.h"
#include "gatehouse/issuer/password_hash.h"
#include "gatehouse/testing/fake_clock.h"
#include "tests/vectors/runner/cases.h"
#include "tests/vectors/runner/listening.h"

namespace gatehouse::vectors {
namespace {

using Answers = std::vector<Answer>;

const std::map<std::string, std::string> passwords = {
    {"alice", "a violin under seven umbrellas"},
    {"bob", "seven umbrellas over a violin"},
    {"nul-user", "secret"},
    {"long-user", std::string(100, 'x')},
};

std::string filled_in(std::string text, int turn) {
  const std::map<std::string, std::string> values = {
      {"@@WORD@@", fmt::format("word {}", turn)},
      {"@@USER_i@@", fmt::format("user{}", turn)},
      {"@@RANDOM_IP@@", fmt::format("198.51.100.{}", turn % 256)},
      {"@@PASSWORD:bob@@", passwords.at("bob")},
      {"first 72 bytes", std::string(72, 'x')}};
  for (const auto& [name, value] : values)
    if (const std::size_t at = text.find(name); at != text.npos) text.replace(at, name.size(), value);
  return text;
}

class LoginHost {
 public:
  explicit LoginHost(const issuer::LoginThrottleOptions& throttle = {})
      : login_(*users_, {.throttle = throttle}, *clock_) {
    for (const auto& [name, password] : passwords)
      users_->add({.id = name, .email = name, .password_hash = issuer::hash_password(password).value()})
          .value();
    users_->add({.id = "sso-only", .email = "sso-only"}).value();
    hosting::WebApplicationBuilder builder("corpus");
    builder.use_clock(clock_);
    builder.use_log_sink([](diagnostics::Level, std::string_view) {});
    app_.emplace(builder.build());
    app_->map_post("/login", make_login_endpoint(login_, tokens_));
    listening_.emplace(*app_, *clock_);
  }

  void run(const Json& step, Answers& answers) {
    if (step.contains("login")) return answers.push_back(receive(send(body_of(step.at("login"), 0))));
    if (step.contains("login_body")) return answers.push_back(receive(send(renamed(step.at("login_body")))));
    if (step.contains("login_each")) {
      for (const Json& user : step.at("login_each"))
        answers.push_back(receive(send(body_of({{"user", user}, {"password", "bad"}}, 0))));
      return;
    }
    if (step.contains("login_each_body")) {
      for (const Json& body : step.at("login_each_body")) answers.push_back(receive(send(renamed(body))));
      return;
    }
    if (step.contains("repeat")) return repeat(step, answers);
    if (step.contains("parallel_repeat")) return repeat_at_once(step, answers);
    throw NotDriven("flow of logins of another kind");
  }

  // The CPU time of all threads for one wrong password.
  double cost_of(const Json& user) {
    const auto spent = [] {
      timespec time{};
      ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
      return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
    };
    const double before = spent();
    receive(send(body_of({{"user", user}, {"password", "wrong"}}, 0)));
    return spent() - before;
  }

 private:
  // What the cases call a user is an e-mail here.
  static std::string renamed(std::string body) {
    for (std::size_t at = body.find("\"user\""); at != body.npos; at = body.find("\"user\""))
      body.replace(at, 6, "\"email\"");
    return filled_in(std::move(body), 0);
  }

  static std::string body_of(const Json& login, int turn) {
    const Json body = {{"email", filled_in(login.at("user"), turn)},
                       {"password", filled_in(login.at("password"), turn)}};
    return body.dump();
  }

  int send(const std::string& body, const std::string& more = "") {
    return listening_->send(
        fmt::format("POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    "Connection: close\r\n{}Content-Length: {}\r\n\r\n{}",
                    more, body.size(), body));
  }
  static Answer receive(int connection) { return parse_answer(Listening::receive(connection)); }

  void repeat(const Json& step, Answers& answers) {
    const Json& repeated = step.at("repeat");
    for (int turn = 0; turn < step.at("times"); ++turn) {
      std::string headers;
      if (repeated.contains("headers"))
        for (const std::string line : repeated.at("headers")) headers += filled_in(line, turn) + "\r\n";
      answers.push_back(receive(send(body_of(repeated.at("login"), turn), headers)));
    }
  }

  void repeat_at_once(const Json& step, Answers& answers) {
    std::vector<int> connections;
    for (int turn = 0; turn < step.at("times"); ++turn)
      connections.push_back(send(body_of(step.at("parallel_repeat").at("login"), turn)));
    for (const int connection : connections) answers.push_back(receive(connection));
  }

  std::shared_ptr<testing::FakeClock> clock_ = std::make_shared<testing::FakeClock>();
  std::unique_ptr<UserStore> users_ = stores::make_memory_user_store();
  LoginService login_;
  JwtTokenService tokens_{{.issuer = "https://issuer.gatehouse.example", .audience = "api://orders"},
                          issuer::read_signing_credentials("kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq").value(),
                          *clock_};
  std::optional<hosting::WebApplication> app_;
  std::optional<Listening> listening_;
};

auto with(int status) {
  return [status](const Answer& answer) { return answer.status == status; };
}

// The head but for the name of the request's trace, which is drawn for each.
std::string head_of(const Answer& answer) {
  std::string head = answer.head;
  const std::size_t at = head.find("traceparent:");
  return at == head.npos ? head : head.erase(at, head.find('\n', at) - at);
}

bool are_alike(const Answers& answers) {
  return std::ranges::all_of(answers, [&](const Answer& answer) {
    return answer.status == 401 && head_of(answer) == head_of(answers.front()) &&
           answer.body == answers.front().body;
  });
}

// No more than `most` passwords are looked at, and the others are told to wait.
auto stops_after(int most) {
  return [most](const Answers& answers) {
    const auto tried = std::ranges::count_if(answers, with(401));
    return tried >= 1 && tried <= most &&
           tried + std::ranges::count_if(answers, with(429)) == std::ssize(answers);
  };
}

bool are_bounded(const Answers& answers) {
  return std::ranges::all_of(answers, [](const Answer& answer) {
    return answer.status == 401 || answer.status == 429 || answer.status == 503;
  });
}

bool are_refused(const Answers& answers) {
  return std::ranges::all_of(
      answers, [](const Answer& answer) { return answer.status == 400 || answer.status == 401; });
}

const std::map<std::string, std::function<bool(const Answers&)>> expectations = {
    {"user-enumeration-text", are_alike},
    {"brute-force", stops_after(5)},
    {"spraying", stops_after(21)},
    {"throttle-bypass-xff", stops_after(5)},
    // Of seven spellings one is another name; the last one is the sixth of the same.
    {"throttle-bypass-case", [](const Answers& answers) { return answers.back().status == 429; }},
    {"argon2-flood", are_bounded},
    {"password-nul", are_refused},
    {"password-72", are_refused},
    {"json-types", are_refused},
    {"json-dup", are_refused},
    {"empty-password", are_refused},
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::ranges::nth_element(values, middle);
  return *middle;
}

// In turns, and a tenth of the thousand: `./dev timing login` takes all of them. A difference that is there
// is seen every time; one that a busy machine has made is not.
Differences judge_times(const Json& step) {
  LoginHost host(issuer::LoginThrottleOptions::unlimited());
  const Json& timing = step.at("timing");
  double ratio = 0;
  for (int attempt = 0; attempt < 5; ++attempt) {
    std::vector<double> first, second;
    for (int turn = 0; turn < step.at("times").get<int>() / 10; ++turn) {
      first.push_back(host.cost_of(timing.at("a").at("user")));
      second.push_back(host.cost_of(timing.at("b").at("user")));
    }
    ratio = median(first) / median(second);
    if (ratio > 0.95 && ratio < 1.05) return {};
  }
  return {fmt::format("one costs {:.3f} of the other, time and again", ratio)};
}

}  // namespace

Differences judge_login(const Json& setup, const Json& attack) {
  const std::string id = attack.at("id");
  const std::string name = id.substr(id.rfind('/') + 1);
  if (name == "session-fixation") return judge_session_fixation(setup);
  if (name == "log-secrets") return judge_logs(setup);
  if (name == "user-enumeration-time") return judge_times(attack.at("input").at("steps").at(0));
  const auto expected = expectations.find(name);
  if (expected == expectations.end()) throw NotDriven("flow of logins of another kind");
  LoginHost host;
  Answers answers;
  for (const Json& step : attack.at("input").at("steps")) host.run(step, answers);
  if (expected->second(answers)) return {};
  std::string seen;
  for (const Answer& answer : answers) seen += fmt::format(" {}", answer.status);
  return {"answered" + seen.substr(0, 200)};
}

}  // namespace gatehouse::vectors
