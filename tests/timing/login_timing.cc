// login_timing [SAMPLES]
//
// Does the time of a refused login tell who has an account? Logs in through the endpoint as somebody unknown,
// as a user with a wrong password, as a locked one and as a disabled one, in an order drawn at random, with
// throttles that throttle nothing. Prints each median, and how far it is from that of the wrong password.
// Exit code 0 when all are within 5 %, 1 when not, 2 for wrong usage.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <future>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "gatehouse/issuer/endpoints.h"

namespace gatehouse {
namespace {

constexpr double limit = 0.05;
constexpr std::string_view password = "a violin under seven umbrellas";

struct Class {
  const char* name;
  const char* email;
  std::vector<double> milliseconds = {};

  double median() {
    const auto middle = milliseconds.begin() + static_cast<std::ptrdiff_t>(milliseconds.size() / 2);
    std::ranges::nth_element(milliseconds, middle);
    return *middle;
  }
};

class Rig {
 public:
  Rig() {
    const std::string hash = issuer::hash_password(password).value();
    users_->add({.id = "u1", .email = "wrong@example.com", .password_hash = hash}).value();
    users_->add({.id = "u2", .email = "locked@example.com", .password_hash = "!" + hash}).value();
    users_->add({.id = "u3", .email = "disabled@example.com", .password_hash = hash, .disabled = true})
        .value();
  }

  // Locked and disabled users bring the right password, which is what an attacker would like to be told.
  double refuse(std::string_view email) {
    const std::string_view typed = email.starts_with("wrong") ? "wrong" : password;
    const std::string body = fmt::format(R"({{"email":"{}","password":"{}"}})", email, typed);
    http::Request request{.method = "POST", .path = "/login", .remote_address = "192.0.2.1", .body = body};
    request.headers.add("Content-Type", "application/json");
    http::HttpContext context(request, services_, clock_);
    std::promise<int> answered;
    const auto before = std::chrono::steady_clock::now();
    start(endpoint_(context), [&](http::Response&& response) { answered.set_value(response.status); });
    const int status = answered.get_future().get();
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - before;
    if (status != 401) throw std::runtime_error(fmt::format("{} was answered {}", email, status));
    return time.count();
  }

 private:
  SystemClock clock_;
  http::ServiceCollection services_;
  std::unique_ptr<stores::UserStore> users_ = stores::make_memory_user_store();
  issuer::LoginService login_{*users_, {.throttle = issuer::LoginThrottleOptions::unlimited()}, clock_};
  issuer::JwtTokenService tokens_{
      {.issuer = "https://issuer.example", .audience = "api"},
      issuer::read_signing_credentials("kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq").value(),
      clock_};
  http::Handler endpoint_ = issuer::make_login_endpoint(login_, tokens_);
};

int run(std::size_t samples) {
  Rig rig;
  std::array classes{Class{"wrong password", "wrong@example.com"},
                     Class{"unknown user", "nobody@example.com"}, Class{"locked user", "locked@example.com"},
                     Class{"disabled user", "disabled@example.com"}};
  std::mt19937_64 draw(20260601);
  for (const Class& one : classes) (void)rig.refuse(one.email);
  for (std::size_t i = 0; i < samples; ++i) {
    std::ranges::shuffle(classes, draw);
    for (Class& one : classes) one.milliseconds.push_back(rig.refuse(one.email));
  }
  std::ranges::sort(classes, {},
                    [](const Class& one) { return std::string_view(one.name) != "wrong password"; });
  const double expected = classes.front().median();
  bool all_hold = true;
  fmt::print("{:<16} {:>8} {:>12} {:>8}\n", "refused", "samples", "median ms", "apart");
  for (Class& one : classes) {
    const double apart = one.median() / expected - 1;
    const bool holds = std::abs(apart) < limit;
    all_hold = all_hold && holds;
    fmt::print("{:<16} {:>8} {:>12.3f} {:>7.2f} %{}\n", one.name, samples, one.median(), apart * 100,
               holds ? "" : "  FAILED");
  }
  return all_hold ? 0 : 1;
}

}  // namespace
}  // namespace gatehouse

int main(int argc, char** argv) try {
  const long samples = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 1000;
  if (argc > 2 || samples < 1) {
    std::cerr << "usage: login_timing [SAMPLES]\n";
    return 2;
  }
  return gatehouse::run(static_cast<std::size_t>(samples));
} catch (const std::exception& error) {
  std::cerr << "login_timing: " << error.what() << '\n';
  return 2;
}
