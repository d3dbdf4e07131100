#include "tests/vectors/runner/listening.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "gatehouse/base/ascii.h"

namespace gatehouse::vectors {

std::string Answer::header(std::string_view name) const {
  for (std::size_t at = head.find("\r\n"); at != head.npos; at = head.find("\r\n", at + 2)) {
    const std::size_t colon = head.find(':', at);
    if (colon == head.npos) break;
    if (!equals_ignoring_case(std::string_view(head).substr(at + 2, colon - at - 2), name)) continue;
    const std::size_t begin = head.find_first_not_of(' ', colon + 1);
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
  return {};
}

Answer parse_answer(const std::string& octets) {
  Answer answer;
  const std::size_t end = std::min(octets.find("\r\n\r\n"), octets.size());
  answer.head = octets.substr(0, end) + "\r\n";
  if (end < octets.size()) answer.body = octets.substr(end + 4);
  if (octets.size() > 12) std::from_chars(octets.data() + 9, octets.data() + 12, answer.status);
  return answer;
}

Listening::Listening(hosting::WebApplication& app, const Clock& clock)
    : server_({.addresses = {{.host = "127.0.0.1"}}, .reactors = 1}, app.prepare(), app.services(), clock) {
  if (const auto bound = server_.bind(); !bound) throw std::runtime_error(bound.error().subject);
  thread_ = std::thread([this] { server_.run(); });
}

Listening::~Listening() {
  server_.stop();
  thread_.join();
}

int Listening::send(const std::string& octets) const {
  const int number = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(server_.addresses().front().port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(number, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot connect");
  (void)::send(number, octets.data(), octets.size(), MSG_NOSIGNAL);
  return number;
}

std::string Listening::receive(int connection) {
  std::string answer;
  std::string part(16 * 1024, '\0');
  ssize_t count = 0;
  while ((count = ::recv(connection, part.data(), part.size(), 0)) > 0)
    answer.append(part, 0, static_cast<std::size_t>(count));
  ::close(connection);
  return answer;
}

}  // namespace gatehouse::vectors
