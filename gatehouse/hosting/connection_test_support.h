/// Connections under test — a reactor without a thread, whose time moves by hand, and the other end of its
/// sockets.
///
/// Both ends are on one thread: what a peer sends is there when run() looks, and what run() answered is there
/// when the peer looks. Nothing waits, nothing sleeps, nothing races.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/hosting/connection.h"
#include "gatehouse/http/routing.h"

namespace gatehouse::hosting {

class FixedClock final : public Clock {
 public:
  Instant now() const override { return Instant(std::chrono::seconds(1'780'000'000)); }
};

/// The client's end of a connection.
class Peer {
 public:
  explicit Peer(int socket) : socket_(socket) {}
  Peer(Peer&& other) noexcept : socket_(std::exchange(other.socket_, -1)), is_closed_(other.is_closed_) {}
  Peer& operator=(Peer&&) = delete;
  ~Peer() { close(); }

  int socket() const noexcept { return socket_; }
  void send(std::string_view octets) { (void)::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL); }
  void finish_sending() { ::shutdown(socket_, SHUT_WR); }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }

  /// Everything that has come since the last call.
  std::string receive() {
    std::string all;
    std::string part(64 * 1024, '\0');
    ssize_t count = 0;
    while ((count = ::recv(socket_, part.data(), part.size(), MSG_DONTWAIT)) > 0)
      all.append(part, 0, static_cast<std::size_t>(count));
    is_closed_ = is_closed_ || count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
    return all;
  }

  /// The server has nothing more to send. Takes what it has sent.
  bool is_closed() {
    receive();
    return is_closed_;
  }

 private:
  int socket_;
  bool is_closed_ = false;
};

/// A server's connections without its listeners and threads.
class Engine {
 public:
  Engine() {
    pipeline.use(http::use_routing(routes));
    pipeline.use(http::run_endpoint);
    routes.add("GET", "/", http::make_handler([this] { return ++handled, http::results::text("hello"); }));
  }

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine() {
    connections.finish([] {});
    connections.abandon();
    run();
  }

  template <class F>
  void map(std::string method, std::string pattern, F handler) {
    routes.add(std::move(method), std::move(pattern), http::make_handler(std::move(handler)));
  }

  Peer connect(const TlsContext* tls = nullptr) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) std::abort();
    connections.accept(ends[0], "192.0.2.7", tls);
    run();
    return Peer(ends[1]);
  }

  void run() { reactor.run_ready(); }

  /// Moves time on, and does what that leads to.
  void pass(std::chrono::milliseconds time) {
    for (; time > std::chrono::milliseconds(0); time -= TimerWheel::resolution) {
      reactor.tick();
      run();
    }
  }

  /// What `peer` gets for `octets`.
  std::string ask(Peer& peer, std::string_view octets) {
    peer.send(octets);
    run();
    return peer.receive();
  }

  FixedClock clock;
  http::RouteTable routes;
  http::Pipeline pipeline;
  http::ServiceCollection services;
  int handled = 0;  ///< requests that reached "/"
  std::vector<std::string> rejected;
  Reactor reactor{clock, Reactor::Ticking::by_hand};
  Service service{.pipeline = pipeline,
                  .services = services,
                  .clock = clock,
                  .on_rejected = [this](const RejectedRequest& request) {
                    rejected.push_back(std::to_string(request.status) + " " + std::string(request.code) +
                                       " " + std::string(request.remote_address));
                  }};
  Connections connections{reactor, service};
};

inline const std::string get_root = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// The first line of each response in `octets`, without "HTTP/1.1 ": "200 OK, 400 Bad Request".
inline std::string status_lines(std::string_view octets) {
  std::string lines;
  for (std::size_t at = octets.find("HTTP/1.1 "); at != std::string_view::npos;
       at = octets.find("HTTP/1.1 ", at + 1)) {
    const std::size_t end = octets.find("\r\n", at);
    if (!lines.empty()) lines += ", ";
    lines += octets.substr(at + 9, end - at - 9);
  }
  return lines;
}

}  // namespace gatehouse::hosting
