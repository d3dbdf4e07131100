#include "gatehouse/hosting/listener.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

namespace gatehouse::hosting {
namespace {

constexpr int backlog = 4096;  // the kernel lowers it to net.core.somaxconn
constexpr int most_accepted_at_once = 64;
constexpr int tries_for_one_free_port = 16;
constexpr std::chrono::milliseconds pause_without_descriptors{100};

// An IPv4 or IPv6 address with a port.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
  sa_family_t family() const noexcept { return storage.ss_family; }
  const sockaddr_in& v4() const noexcept { return reinterpret_cast<const sockaddr_in&>(storage); }
  const sockaddr_in6& v6() const noexcept { return reinterpret_cast<const sockaddr_in6&>(storage); }
  std::uint16_t port() const noexcept { return ntohs(family() == AF_INET6 ? v6().sin6_port : v4().sin_port); }
};

std::optional<Address> parse_address(const std::string& host, std::uint16_t port) {
  Address address;
  auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    address.size = sizeof v4;
    return address;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
  if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    address.size = sizeof v6;
    return address;
  }
  return std::nullopt;
}

std::optional<Address> address_of_path(const std::string& path) {
  Address address;
  auto& unix_address = reinterpret_cast<sockaddr_un&>(address.storage);
  if (path.size() >= sizeof unix_address.sun_path) return std::nullopt;
  unix_address.sun_family = AF_UNIX;
  std::ranges::copy(path, unix_address.sun_path);
  address.size = sizeof unix_address;
  return address;
}

// Of a client of a Unix socket the kernel says who it is.
std::string user_of(int socket) {
  ucred user{};
  socklen_t size = sizeof user;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &user, &size) != 0) return "uid:?";
  return fmt::format("uid:{}", user.uid);
}

// What logs show: an IPv4 client of a socket for both is its IPv4 address.
std::string text_of(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.family() == AF_INET) {
    ::inet_ntop(AF_INET, &address.v4().sin_addr, text.data(), text.size());
  } else if (address.family() == AF_INET6) {
    const in6_addr& v6 = address.v6().sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&v6))
      ::inet_ntop(AF_INET, &v6.s6_addr[12], text.data(), text.size());
    else
      ::inet_ntop(AF_INET6, &v6, text.data(), text.size());
  }
  return text.data();
}

std::string_view fix_for(int error) {
  switch (error) {
    case EADDRINUSE:
      return "the port is in use; stop the other program (ss -ltnp shows it) or take another port";
    case EACCES:
      return "ports below 1024 are root's; take a higher one, or give the service cap_net_bind_service";
    case EADDRNOTAVAIL:
      return "this machine has no such address; take one that it has, or '*'";
    case EAFNOSUPPORT:
      return "this machine has no IPv6; take an IPv4 address";
    default:
      return "";
  }
}

std::unexpected<Error> fault(const ListenAddress& address, int error) {
  const std::string_view fix = fix_for(error);
  return fail(Failure::configuration_invalid, fmt::format("cannot listen on {}: {}", to_url(address),
                                                          fix.empty() ? std::strerror(error) : fix));
}

bool is_without_ipv6(int error) noexcept { return error == EAFNOSUPPORT || error == EADDRNOTAVAIL; }

void turn_on(int socket, int level, int option, bool on = true) {
  const int value = on ? 1 : 0;
  ::setsockopt(socket, level, option, &value, sizeof value);
}

struct Manner {
  bool is_shared = false;    // between several sockets
  bool serves_both = false;  // IPv4 on an IPv6 socket
};

// A listening socket, or -1 with errno. What it accepts inherits TCP_NODELAY: an answer is one write, and
// must not wait.
int open_listening(const Address& address, Manner manner) {
  const int number = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (number < 0) return -1;
  turn_on(number, SOL_SOCKET, SO_REUSEADDR);
  turn_on(number, IPPROTO_TCP, TCP_NODELAY);
  if (manner.is_shared) turn_on(number, SOL_SOCKET, SO_REUSEPORT);
  if (address.family() == AF_INET6) turn_on(number, IPPROTO_IPV6, IPV6_V6ONLY, !manner.serves_both);
  if (::bind(number, address.get(), address.size) == 0 && ::listen(number, backlog) == 0) return number;
  const int error = errno;
  ::close(number);
  errno = error;
  return -1;
}

std::uint16_t port_of(int socket) {
  Address bound;
  bound.size = sizeof bound.storage;
  ::getsockname(socket, bound.get(), &bound.size);
  return bound.port();
}

using SocketsOfReactors = std::vector<std::vector<ListenSocket>>;

// Adds one socket for each reactor, all on `port`, which is chosen when it is 0. False with errno.
//
// A port that our reactors share could also be shared with another server of the same user, which would then
// silently get a part of the requests. So a first socket, which shares with nobody, finds out whether the
// port is free.
bool add_sockets(const std::string& host, std::uint16_t& port, bool serves_both, SocketsOfReactors& sockets) {
  Address address = *parse_address(host, port);
  const int alone = open_listening(address, {.serves_both = serves_both});
  if (alone < 0) return false;
  ListenSocket first(alone);
  port = port_of(alone);
  if (sockets.size() == 1) {
    sockets[0].push_back(std::move(first));
    return true;
  }
  {
    const ListenSocket closed = std::move(first);
  }
  address = *parse_address(host, port);
  for (std::vector<ListenSocket>& of_reactor : sockets) {
    const int number = open_listening(address, {.is_shared = true, .serves_both = serves_both});
    if (number < 0) return false;
    of_reactor.emplace_back(number);
  }
  return true;
}

Result<SocketsOfReactors> listen_on_all(ListenAddress& address, unsigned reactors) {
  SocketsOfReactors sockets(reactors);
  bool is_open = add_sockets("::", address.port, true, sockets);
  if (!is_open && is_without_ipv6(errno)) is_open = add_sockets("0.0.0.0", address.port, false, sockets);
  if (!is_open) return fault(address, errno);
  return sockets;
}

// A chosen port that is free for IPv4 need not be so for IPv6; then another one is tried.
Result<SocketsOfReactors> listen_on_localhost(ListenAddress& address, unsigned reactors) {
  const std::uint16_t wanted = address.port;
  for (int tries = 0;; ++tries) {
    SocketsOfReactors sockets(reactors);
    address.port = wanted;
    if (!add_sockets("127.0.0.1", address.port, false, sockets)) return fault(address, errno);
    if (add_sockets("::1", address.port, false, sockets) || is_without_ipv6(errno)) return sockets;
    if (wanted != 0 || tries == tries_for_one_free_port) return fault(address, errno);
  }
}

// A socket that nobody listens on any more is what a server that has ended left behind.
bool is_abandoned(const std::string& path, const Address& address) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  const int number = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (number < 0) return false;
  const bool abandoned = ::connect(number, address.get(), address.size) != 0 && errno == ECONNREFUSED;
  ::close(number);
  return abandoned;
}

// One, for the first reactor. Nobody connects before listen(), and then it is its owner's alone.
Result<SocketsOfReactors> listen_on_path(const ListenAddress& address, unsigned reactors) {
  const auto path = address_of_path(address.socket);
  if (!path)
    return fail(Failure::configuration_invalid,
                fmt::format("cannot listen on {}: the path is too long; take one of up to {} octets",
                            to_url(address), sizeof(sockaddr_un::sun_path) - 1));
  if (is_abandoned(address.socket, *path)) ::unlink(address.socket.c_str());
  ListenSocket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (::bind(socket.number(), path->get(), path->size) != 0 || ::chmod(address.socket.c_str(), 0600) != 0 ||
      ::listen(socket.number(), backlog) != 0)
    return fail(Failure::configuration_invalid,
                fmt::format("cannot listen on {}: {}", to_url(address),
                            errno == EADDRINUSE ? "another server does, or it is no socket; take another path"
                                                : std::strerror(errno)));
  SocketsOfReactors sockets(reactors);
  sockets[0].push_back(std::move(socket));
  return sockets;
}

bool is_out_of_resources(int error) noexcept {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

std::string to_url(const ListenAddress& address) {
  if (!address.socket.empty()) return "unix:" + address.socket;
  const std::string_view host = address.host == "+" ? std::string_view("*") : address.host;
  const bool needs_brackets = host.contains(':') && !host.starts_with('[');
  return fmt::format("{}://{}{}{}:{}", address.tls ? "https" : "http", needs_brackets ? "[" : "", host,
                     needs_brackets ? "]" : "", address.port);
}

ListenSocket::~ListenSocket() {
  if (number_ >= 0) ::close(number_);
}

Result<std::vector<std::vector<ListenSocket>>> listen_on(ListenAddress& address, unsigned reactors) {
  if (!address.socket.empty()) return listen_on_path(address, reactors);
  if (address.host == "*" || address.host == "+") return listen_on_all(address, reactors);
  if (address.host == "localhost") return listen_on_localhost(address, reactors);
  std::string host = address.host;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (!parse_address(host, 0))
    return fail(Failure::configuration_invalid,
                fmt::format("cannot listen on {}: '{}' is no IP address; take one, 'localhost' or '*'",
                            to_url(address), address.host));
  SocketsOfReactors sockets(reactors);
  if (!add_sockets(host, address.port, false, sockets)) return fault(address, errno);
  return sockets;
}

Listener::Listener(Reactor& reactor, Connections& connections, ListenSocket socket, const TlsContext* tls)
    : reactor_(reactor), connections_(connections), descriptor_(reactor, socket.release()), tls_(tls) {}

void Listener::start() { on_ready(); }

void Listener::stop() {
  is_stopped_ = true;
  descriptor_.stop_waiting();
  ::shutdown(descriptor_.number(), SHUT_RDWR);  // from now on connecting is refused, instead of left to wait
}

// A few at a time, so that a flood of connections leaves room for those that are there.
void Listener::on_ready() {
  for (int i = 0; i < most_accepted_at_once && !is_stopped_; ++i) {
    descriptor_.begin_read();
    if (accept_one()) continue;
    // Without a free descriptor the connection stays in the backlog. Asking again at once would spin while
    // that lasts.
    if (is_out_of_resources(errno)) return reactor_.arm(*this, pause_without_descriptors);
    return descriptor_.wait_readable(*this);
  }
  if (!is_stopped_) reactor_.arm(*this, std::chrono::milliseconds(0));
}

// False with errno when there is none to accept, or no means to.
bool Listener::accept_one() {
  Address peer;
  peer.size = sizeof peer.storage;
  const int socket = ::accept4(descriptor_.number(), peer.get(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket < 0)
    return errno != EAGAIN && errno != EWOULDBLOCK && errno != EINVAL && !is_out_of_resources(errno);
  connections_.accept(socket, peer.family() == AF_UNIX ? user_of(socket) : text_of(peer), tls_);
  return true;
}

}  // namespace gatehouse::hosting
