// Recorded cases that need only a method, a path and headers, through four hosts: each has to answer with the
// same status and the same challenges, and with the status that was recorded.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "gatehouse/base/ascii.h"
#include "gatehouse/gatehouse.h"
#include "gatehouse/hosting/server.h"
#include "gatehouse/testing/fake_clock.h"
#include "tests/golden/runner/golden_options.h"
#include "tests/hosts/foreign_host.h"

namespace gatehouse {
namespace {

using golden::Json;
using golden::KeyRing;

const std::string folder = GATEHOUSE_GOLDEN;

std::vector<Json> read_cases(const std::string& area) {
  std::ifstream file(folder + "/cases-" + area + ".jsonl");
  std::vector<Json> cases;
  for (std::string line; std::getline(file, line);) cases.push_back(Json::parse(line));
  return cases;
}

// Another server's parser may refuse or trim what is not plain; what then differs is not the guard's doing.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; }) && !text.starts_with(' ') &&
         !text.ends_with(' ');
}

bool is_plain_request(const Json& request) {
  std::size_t octets = 0;
  for (const Json& header : request.at("headers")) {
    const std::string value = header.at(1);
    octets += value.size();
    if (value.empty() || !is_plain(value)) return false;
  }
  return octets < 6000 && is_plain(request.at("path").get<std::string>());
}

bool needs_only_a_request(const Json& golden_case) {
  if (golden_case.contains("steps") || golden_case.contains("expect_kestrel")) return false;
  const Json& options = golden_case.at("options");
  for (const char* more : {"events", "pipeline", "metadata", "schemes"})
    if (options.contains(more)) return false;
  if (golden_case.at("expect").at("status") == 0 || golden_case.at("expect").at("status") == 500)
    return false;
  return is_plain_request(golden_case.at("request"));
}

void configure(authorization::SecurityBuilder& builder, const Json& golden_case, const KeyRing& keys) {
  builder.add_authentication("Bearer").add_jwt_bearer(
      [&](JwtBearerOptions& options) { options = golden::read_options(golden_case.at("options"), keys); });
  if (!golden_case.contains("policies")) return;
  const Json& policies = golden_case.at("policies");
  builder.add_authorization([&](AuthorizationOptions& options) {
    if (policies.contains("named"))
      for (const auto& [name, policy] : policies.at("named").items())
        options.add_policy(name, golden::read_policy(policy, name));
    if (policies.contains("default"))
      options.default_policy = golden::read_policy(policies.at("default"), "default");
    if (policies.contains("fallback"))
      options.fallback_policy = golden::read_policy(policies.at("fallback"), "fallback");
    if (policies.contains("invoke_handlers_after_failure"))
      options.invoke_handlers_after_failure = policies.at("invoke_handlers_after_failure");
  });
}

void say_endpoint(authorization::EndpointBuilder endpoint, const Json& golden_case) {
  if (!golden_case.contains("policies") || !golden_case.at("policies").contains("endpoint")) {
    endpoint.require_authorization();
    return;
  }
  const Json& said = golden_case.at("policies").at("endpoint");
  if (said.contains("authorize"))
    for (const Json& statement : said.at("authorize"))
      endpoint.require_authorization(golden::read_statement(statement));
  if (said.contains("inline"))
    for (const Json& policy : said.at("inline"))
      endpoint.require_authorization(golden::read_policy(policy, "inline"));
  if (said.contains("allow_anonymous") && said.at("allow_anonymous").get<bool>()) endpoint.allow_anonymous();
}

constexpr std::array methods = {"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"};

struct Answer {
  int status = 0;
  std::vector<std::string> challenges = {};
  bool operator==(const Answer&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Answer& answer) {
  out << answer.status;
  for (const std::string& challenge : answer.challenges) out << " | " << challenge;
  return out;
}

// Sends the request as it stands, on a connection of its own, and reads the answer's head.
Answer ask(std::uint16_t port, const Json& request) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in to{
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  if (::connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) return {};
  std::string text = request.at("method").get<std::string>() + " " + request.at("path").get<std::string>() +
                     " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
  for (const Json& header : request.at("headers"))
    text += header.at(0).get<std::string>() + ": " + header.at(1).get<std::string>() + "\r\n";
  text += "\r\n";
  (void)::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
  std::string head;
  for (char octet = 0; !head.ends_with("\r\n\r\n") && ::recv(socket, &octet, 1, 0) == 1;) head += octet;
  ::close(socket);

  Answer answer;
  if (head.starts_with("HTTP/1.1 ")) answer.status = std::stoi(head.substr(9, 3));
  for (std::size_t at = head.find("\r\n"); at + 2 < head.size(); at = head.find("\r\n", at + 2)) {
    const std::string line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    const std::size_t colon = line.find(": ");
    if (colon != line.npos && equals_ignoring_case(line.substr(0, colon), "WWW-Authenticate"))
      answer.challenges.push_back(line.substr(colon + 2));
  }
  return answer;
}

// Our own host, on a socket.
class OwnHost {
 public:
  OwnHost(const Json& golden_case, const KeyRing& keys, const std::shared_ptr<const Clock>& clock) {
    builder_.use_clock(clock);
    builder_.use_log_sink([](diagnostics::Level, std::string_view) {});
    configure(builder_.services, golden_case, keys);
    app_.emplace(builder_.build());
    app_->use_authentication();
    app_->use_authorization();
    RouteGroup root = app_->map_group("/");
    for (const char* method : methods)
      say_endpoint(root.map(method, "/t", http::make_handler([] { return results::ok(); })), golden_case);
    server_.emplace(hosting::ServerOptions{.addresses = {{.host = "127.0.0.1"}}, .reactors = 1},
                    app_->prepare(), app_->services(), app_->clock());
    EXPECT_TRUE(server_->bind());
    thread_ = std::thread([this] { server_->run(); });
  }
  ~OwnHost() {
    server_->stop();
    thread_.join();
  }
  std::uint16_t port() const { return server_->addresses().front().port; }

 private:
  WebApplicationBuilder builder_{"hosts"};
  std::optional<WebApplication> app_;
  std::optional<hosting::Server> server_;
  std::thread thread_;
};

Result<Guard> guard_of(const Json& golden_case, const KeyRing& keys,
                       const std::shared_ptr<const Clock>& clock) {
  GuardBuilder builder;
  builder.use_clock(clock);
  configure(builder, golden_case, keys);
  for (const char* method : methods) say_endpoint(builder.protect(method, "/t"), golden_case);
  return builder.build();
}

Answer ask_guard(const Guard& guard, const Json& request) {
  const std::string method = request.at("method");
  const std::string target = request.at("path");
  std::vector<std::pair<std::string, std::string>> owned;
  for (const Json& header : request.at("headers")) owned.emplace_back(header.at(0), header.at(1));
  http::RequestHeaders headers;
  for (const auto& [name, value] : owned) headers.add(name, value);
  const Verdict verdict = guard.check({.method = method, .target = target, .headers = &headers});
  Answer answer{.status = verdict.status};
  for (const std::string_view challenge : verdict.headers.find_all("WWW-Authenticate"))
    answer.challenges.emplace_back(challenge);
  return answer;
}

// False for a case whose options stop the start, here and in our host (tests/golden/deviations.json says
// which).
bool compare_hosts(const Json& golden_case, const KeyRing& keys) {
  SCOPED_TRACE(golden_case.at("id").get<std::string>());
  const auto clock =
      std::make_shared<const testing::FakeClock>(*parse_instant(golden_case.at("now").get<std::string>()));
  const auto built = guard_of(golden_case, keys, clock);
  if (!built) {
    EXPECT_THROW(OwnHost(golden_case, keys, clock), ConfigurationError) << built.error().subject;
    return false;
  }
  const Guard& guard = *built;
  const Json& request = golden_case.at("request");
  const OwnHost own(golden_case, keys, clock);
  const Answer expected = ask(own.port(), request);
  EXPECT_EQ(expected.status, golden_case.at("expect").at("status"));
  // A server in which nothing answers a path says 404, whatever its guard has let through.
  const Answer bare = ask_guard(guard, request);
  if (expected.status == 404 && bare.status == 200) return true;
  EXPECT_EQ(bare, expected) << "guard";
  EXPECT_EQ(ask(start_httplib(guard)->port(), request), expected) << "cpp-httplib";
  EXPECT_EQ(ask(start_beast(guard)->port(), request), expected) << "Beast";
  return true;
}

class Hosts : public ::testing::TestWithParam<const char*> {};

TEST_P(Hosts, AnswerRecordedRequestsAlike) {
  const KeyRing keys = KeyRing::read(folder + "/keys.json");
  std::size_t compared = 0;
  for (const Json& golden_case : read_cases(GetParam())) {
    if (needs_only_a_request(golden_case) && compare_hosts(golden_case, keys)) ++compared;
  }
  RecordProperty("compared", static_cast<int>(compared));
  EXPECT_GE(compared, 40u);
}

INSTANTIATE_TEST_SUITE_P(Golden, Hosts, ::testing::Values("authorization", "challenge"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace gatehouse
