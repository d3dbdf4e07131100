#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <thread>

#include "gatehouse/base/ascii.h"
#include "gatehouse/hosting/server.h"
#include "tests/vectors/runner/cases.h"

namespace gatehouse::vectors {
namespace {

// The attacked host on a port of its own, for as long as one case takes.
class Listening {
 public:
  explicit Listening(ProfileHost& host)
      : server_({.addresses = {{.host = "127.0.0.1"}}, .reactors = 1}, host.app().prepare(),
                host.app().services(), host.clock()) {
    if (const auto bound = server_.bind(); !bound) throw std::runtime_error(bound.error().subject);
    thread_ = std::thread([this] { server_.run(); });
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
  ~Listening() {
    server_.stop();
    thread_.join();
  }

  /// Everything the server answers before it closes.
  std::string ask(const std::string& octets) const {
    const int number = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(server_.addresses().front().port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(number, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("cannot connect");
    (void)::send(number, octets.data(), octets.size(), MSG_NOSIGNAL);
    std::string answer;
    std::string part(16 * 1024, '\0');
    ssize_t count = 0;
    while ((count = ::recv(number, part.data(), part.size(), 0)) > 0)
      answer.append(part, 0, static_cast<std::size_t>(count));
    ::close(number);
    return answer;
  }

 private:
  hosting::Server server_;
  std::thread thread_;
};

struct Answer {
  int status = 0;
  std::string head;
  std::string body;

  std::string header(std::string_view name) const {
    for (std::size_t at = head.find("\r\n"); at != head.npos; at = head.find("\r\n", at + 2)) {
      const std::size_t colon = head.find(':', at);
      if (colon == head.npos) break;
      if (!equals_ignoring_case(std::string_view(head).substr(at + 2, colon - at - 2), name)) continue;
      const std::size_t begin = head.find_first_not_of(' ', colon + 1);
      return head.substr(begin, head.find("\r\n", begin) - begin);
    }
    return {};
  }
};

Answer parse(const std::string& octets) {
  Answer answer;
  const std::size_t end = std::min(octets.find("\r\n\r\n"), octets.size());
  answer.head = octets.substr(0, end) + "\r\n";
  if (end < octets.size()) answer.body = octets.substr(end + 4);
  if (octets.size() > 12) std::from_chars(octets.data() + 9, octets.data() + 12, answer.status);
  return answer;
}

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

// Endpoints of an authorization server, of which the application under test has none.
bool is_for_authorization_server(const Json& request) {
  return request.at("path").get<std::string>().starts_with("/connect/");
}

}  // namespace

Differences judge_http(AttackHosts& hosts, const Json& attack) {
  if (is_for_authorization_server(attack.at("input").at("request")))
    throw NotDriven("http of an authorization server");
  Differences differences;
  ProfileHost& host = hosts.of("rs256");
  host.clock().set(hosts.setup.clock());
  host.take_hits();
  const Listening listening(host);
  const Json& expect = attack.at("expect");
  const Json& request = attack.at("input").at("request");
  judge_answer(expect, parse(listening.ask(wire_of(hosts.setup, request, false))), differences);
  judge_reach(host, expect, differences);
  if (expect.contains("status_anonymous")) {
    const Answer answer = parse(listening.ask(wire_of(hosts.setup, request, true)));
    if (!allows(expect.at("status_anonymous"), answer.status))
      differences.push_back(fmt::format("answered {} to nobody", answer.status));
    judge_reach(host, expect, differences);
  }
  return differences;
}

}  // namespace gatehouse::vectors
