#include "gatehouse/hosting/client_connection.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace gatehouse::hosting {
namespace {

constexpr std::size_t most_addresses = 8;

std::unexpected<Error> unavailable(std::string why) { return fail(Failure::unavailable, std::move(why)); }

// A socket that is connected, or about to be; -1 with errno.
int begin_connecting(const IpAddress& address, std::uint16_t port) {
  const auto octets = address.octets();
  const bool is_v4 = octets.size() == 4;
  sockaddr_in v4{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {}, .sin_zero = {}};
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  std::memcpy(is_v4 ? static_cast<void*>(&v4.sin_addr) : &v6.sin6_addr, octets.data(), octets.size());

  const int socket = ::socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto* target = is_v4 ? reinterpret_cast<sockaddr*>(&v4) : reinterpret_cast<sockaddr*>(&v6);
  if (::connect(socket, target, is_v4 ? sizeof v4 : sizeof v6) == 0 || errno == EINPROGRESS) return socket;
  const int error = errno;
  ::close(socket);
  errno = error;
  return -1;
}

int error_of(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

// Under TLS a write may have to read first, and the other way round.
ClientCall::SocketSleep::Until wanted_by(const Io& io) noexcept {
  using Until = ClientCall::SocketSleep::Until;
  return io.status == Io::Status::wait_readable ? Until::readable : Until::writable;
}

}  // namespace

ClientConnection::ClientConnection(Reactor& reactor, int socket) : descriptor_(reactor, socket) {
  transport_.emplace(socket, nullptr);
}

Task<Result<std::unique_ptr<ClientConnection>>> ClientConnection::open(Reactor& reactor, ClientCall& call,
                                                                       std::vector<IpAddress> addresses,
                                                                       std::uint16_t port,
                                                                       std::chrono::milliseconds timeout) {
  if (addresses.size() > most_addresses) addresses.resize(most_addresses);
  const auto share = timeout / static_cast<int>(addresses.size());
  Result<std::unique_ptr<ClientConnection>> opened = unavailable("it has no address");
  for (const IpAddress& address : addresses) {
    opened = co_await open_one(reactor, call, address, port, share);
    if (opened || call.is_over()) break;
  }
  co_return opened;
}

Task<Result<std::unique_ptr<ClientConnection>>> ClientConnection::open_one(
    Reactor& reactor, ClientCall& call, IpAddress address, std::uint16_t port,
    std::chrono::milliseconds timeout) {
  const int socket = begin_connecting(address, port);
  if (socket < 0) co_return unavailable(std::strerror(errno));
  auto connection = std::make_unique<ClientConnection>(reactor, socket);
  const CallAlarm alarm(reactor, call, timeout);
  while (!connection->descriptor_.is_writable()) {
    const ClientCall::SocketSleep writable(call, connection->descriptor_, Until::writable);
    co_await writable;
    if (call.is_over()) co_return std::unexpected(call.reason());
    if (alarm.has_rung()) co_return unavailable(fmt::format("no answer within {} ms", timeout.count()));
  }
  if (const int error = error_of(socket)) co_return unavailable(std::strerror(error));
  co_return connection;
}

Task<Result<void>> ClientConnection::start_tls(ClientCall& call, const TlsClientContext& tls,
                                               std::string host) {
  transport_.emplace(descriptor_.number(), tls, host);
  for (;;) {
    descriptor_.begin_read();
    descriptor_.begin_write();
    const Io io = transport_->handshake();
    if (io.status == Io::Status::done) co_return Result<void>();
    if (io.status == Io::Status::ended) co_return unavailable("TLS: " + transport_->why_ended());
    const ClientCall::SocketSleep ready(call, descriptor_, wanted_by(io));
    co_await ready;
    if (call.is_over()) co_return std::unexpected(call.reason());
  }
}

Task<Result<HttpClientResponse>> ClientConnection::exchange(ClientCall& call, ResponseParser& parser,
                                                            std::string octets) {
  has_answered_ = false;
  const bool is_sent = co_await send(call, octets);
  if (!is_sent && call.is_over()) co_return std::unexpected(call.reason());
  co_return co_await receive(call, parser);
}

// False also when the peer has gone: what it said before tells more than that.
Task<bool> ClientConnection::send(ClientCall& call, std::string_view octets) {
  while (!octets.empty()) {
    descriptor_.begin_write();
    const Io io = transport_->write(octets);
    if (io.status == Io::Status::ended) co_return false;
    if (io.status == Io::Status::done) {
      octets.remove_prefix(io.octets);
      continue;
    }
    const ClientCall::SocketSleep ready(call, descriptor_, wanted_by(io));
    co_await ready;
    if (call.is_over()) co_return false;
  }
  co_return true;
}

// A peer that sends faster than we read never lets us sleep; it is the parser's caps that end this then.
Task<Result<HttpClientResponse>> ClientConnection::receive(ClientCall& call, ResponseParser& parser) {
  for (;;) {
    descriptor_.begin_read();
    const std::span<char> space = buffer_.space();
    const Io io = transport_->read(space);
    ResponseParser::Progress progress = ResponseParser::Progress::more;
    if (io.status == Io::Status::done) {
      has_answered_ = true;
      buffer_.commit(io.octets);
      progress = parser.advance(buffer_);
    } else if (io.status == Io::Status::ended) {
      progress = parser.finish(buffer_, io.is_orderly);
    } else {
      const ClientCall::SocketSleep ready(call, descriptor_, wanted_by(io));
      co_await ready;
      if (call.is_over()) co_return std::unexpected(call.reason());
    }
    if (progress == ResponseParser::Progress::complete) co_return parser.take(buffer_);
    if (progress == ResponseParser::Progress::refused) co_return std::unexpected(parser.error());
  }
}

void ClientConnection::become_idle() { buffer_.reset(); }

bool ClientConnection::is_quiet() {
  descriptor_.begin_read();
  char octet = 0;
  const ssize_t received = ::recv(descriptor_.number(), &octet, 1, MSG_PEEK | MSG_DONTWAIT);
  return received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace gatehouse::hosting
