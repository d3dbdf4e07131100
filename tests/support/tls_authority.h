/// TlsAuthority — an issuer's documents over real TLS on loopback, and what can be wrong with them.
#pragma once

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "gatehouse/hosting/http_client_test_support.h"
#include "gatehouse/jose/key_set.h"

namespace gatehouse::test_support {

enum class AuthorityFault : std::uint8_t {
  none,
  dead,                 ///< nobody listens
  stalls,               ///< takes the request and says nothing
  drips,                ///< an octet now and then, for ever
  cuts_off,             ///< half a document
  fails,                ///< 500
  redirects,            ///< to a good document
  garbage,              ///< no JSON
  huge,                 ///< 100 MB, in chunks
  empty_set,            ///< a set without keys
  private_keys,         ///< the private halves with the public ones
  other_issuer,         ///< somebody else's document
  expired_certificate,  ///< since yesterday
  other_name,           ///< a certificate for another host
  unknown_ca,           ///< signed by itself
};

/// A thread accepts, and one for each connection answers. Thread-safe.
class TlsAuthority {
 public:
  TlsAuthority() {
    ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes with write(2)
    suffer(AuthorityFault::none);
    accepting_ = std::thread([this] { accept_all(); });
  }
  TlsAuthority(const TlsAuthority&) = delete;
  TlsAuthority& operator=(const TlsAuthority&) = delete;
  ~TlsAuthority() {
    {
      const std::lock_guard lock(mutex_);
      is_over_ = true;
      cut_connections();
    }
    ring();
    accepting_.join();
    connections_.clear();
    ::close(listening_);
    ::close(bell_);
  }

  std::string issuer() const { return "https://127.0.0.1:" + std::to_string(port_); }
  std::string ca_file() const { return ca_.file(); }

  void publish(std::vector<jose::Key> keys) {
    const std::lock_guard lock(mutex_);
    keys_ = std::move(keys);
  }

  /// From now on; whoever is connected is cut off.
  void suffer(AuthorityFault fault) {
    const std::lock_guard lock(mutex_);
    fault_ = fault;
    tls_ = std::shared_ptr<SSL_CTX>(certificate_of(fault).release(), SSL_CTX_free);
    cut_connections();
    set_listening(fault != AuthorityFault::dead);
  }

  std::uint64_t requests() const noexcept { return requests_; }

 private:
  struct Connection {
    int socket;
    std::thread thread;
    Connection(int number) : socket(number) {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() {
      thread.join();
      ::close(socket);
    }
  };

  hosting::ServerTls certificate_of(AuthorityFault fault) const {
    switch (fault) {
      case AuthorityFault::expired_certificate:
        return ca_.serve({.begins = std::chrono::hours(-48), .ends = std::chrono::hours(-24)});
      case AuthorityFault::other_name:
        return ca_.serve({.names = "DNS:other.test"});
      case AuthorityFault::unknown_ca:
        return ca_.serve({}, true);
      default:
        return ca_.serve({});
    }
  }

  // A socket that is bound and does not listen keeps the port, and refuses connections.
  void set_listening(bool listens) {
    if (listens == is_listening_) return;
    const int before = listening_;
    if (before >= 0) ::shutdown(before, SHUT_RD);
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listening_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{.sin_family = AF_INET,
                        .sin_port = htons(port_),
                        .sin_addr = {htonl(INADDR_LOOPBACK)},
                        .sin_zero = {}};
    socklen_t size = sizeof address;
    if (::bind(listening_, reinterpret_cast<sockaddr*>(&address), size) != 0) std::abort();
    if (listens && ::listen(listening_, 64) != 0) std::abort();
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    if (before >= 0) ::close(before);
    is_listening_ = listens;
    ring();
  }
  void ring() const {
    const std::uint64_t once = 1;
    [[maybe_unused]] const auto written = ::write(bell_, &once, sizeof once);
  }

  void cut_connections() {
    for (const Connection& one : connections_) ::shutdown(one.socket, SHUT_RDWR);
    changed_.notify_all();
  }

  void accept_all() {
    while (true) {
      std::unique_lock lock(mutex_);
      if (is_over_) return;
      pollfd waiting[] = {{.fd = bell_, .events = POLLIN, .revents = 0},
                          {.fd = is_listening_ ? listening_ : -1, .events = POLLIN, .revents = 0}};
      lock.unlock();
      ::poll(waiting, 2, -1);
      std::uint64_t rung = 0;
      if (waiting[0].revents && ::read(bell_, &rung, sizeof rung) < 0) std::abort();
      lock.lock();
      if (!waiting[1].revents || is_over_) continue;
      const int socket = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) continue;
      Connection& connection = connections_.emplace_back(socket);
      connection.thread = std::thread([this, socket, tls = tls_] { serve(socket, tls.get()); });
    }
  }

  void serve(int socket, SSL_CTX* tls) {
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(tls), SSL_free);
    SSL_set_fd(ssl.get(), socket);
    if (SSL_accept(ssl.get()) != 1) {
      ::shutdown(socket, SHUT_RDWR);
      return;
    }
    std::string received;
    while (answer_one(ssl.get(), received)) continue;
    ::shutdown(socket, SHUT_RDWR);
  }

  // False when the connection is over.
  bool answer_one(SSL* ssl, std::string& received) {
    std::size_t end = 0;
    while ((end = received.find("\r\n\r\n")) == std::string::npos) {
      char part[4096];
      const int count = SSL_read(ssl, part, sizeof part);
      if (count <= 0) return false;
      received.append(part, static_cast<std::size_t>(count));
    }
    const std::string path = received.substr(4, received.find(' ', 4) - 4);
    received.erase(0, end + 4);
    ++requests_;
    return answer(ssl, path);
  }

  static bool send(SSL* ssl, std::string_view octets) {
    return SSL_write(ssl, octets.data(), static_cast<int>(octets.size())) > 0;
  }
  static bool send_document(SSL* ssl, std::string_view status, std::string_view body, std::size_t length) {
    return send(ssl, "HTTP/1.1 " + std::string(status) +
                         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(length) +
                         "\r\n\r\n" + std::string(body));
  }
  static bool send_document(SSL* ssl, std::string_view status, std::string_view body) {
    return send_document(ssl, status, body, body.size());
  }

  bool answer(SSL* ssl, const std::string& path) {
    std::unique_lock lock(mutex_);
    const AuthorityFault fault = fault_;
    const std::string document = document_of(path, fault);
    lock.unlock();
    switch (fault) {
      case AuthorityFault::stalls:
        wait_for_other_fault();
        return false;
      case AuthorityFault::drips:
        send(ssl, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        while (send(ssl, " ") && !wait_for_other_fault(std::chrono::milliseconds(100))) continue;
        return false;
      case AuthorityFault::cuts_off:
        send_document(ssl, "200 OK", document.substr(0, document.size() / 2), document.size());
        return false;
      case AuthorityFault::fails:
        return send_document(ssl, "500 Internal Server Error", "{}");
      case AuthorityFault::redirects:
        if (path.starts_with("/good")) break;
        return send(ssl, "HTTP/1.1 302 Found\r\nLocation: /good" + path + "\r\nContent-Length: 0\r\n\r\n");
      case AuthorityFault::huge: {
        const std::string chunk = "10000\r\n" + std::string(0x10000, ' ') + "\r\n";
        bool goes_on = send(ssl, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 1600 && goes_on; ++i) goes_on = send(ssl, chunk);
        return goes_on && send(ssl, "0\r\n\r\n");
      }
      default:
        break;
    }
    return document.empty() ? send_document(ssl, "404 Not Found", "{}")
                            : send_document(ssl, "200 OK", document);
  }

  std::string document_of(const std::string& path, AuthorityFault fault) const {
    const std::string name = fault == AuthorityFault::other_issuer ? "https://other.test" : issuer();
    if (fault == AuthorityFault::garbage) return "<html>sign in</html>";
    if (path.ends_with("/.well-known/openid-configuration"))
      return R"({"issuer":")" + name + R"(","jwks_uri":")" + issuer() + R"(/jwks"})";
    if (!path.ends_with("/jwks")) return {};
    if (fault == AuthorityFault::empty_set) return R"({"keys":[]})";
    if (fault == AuthorityFault::private_keys)
      return R"({"keys":[)" + std::string(keys_.front().private_jwk().reveal()) + "]}";
    return jose::KeySet(keys_).public_jwks();
  }

  bool wait_for_other_fault(std::chrono::milliseconds most = std::chrono::hours(1)) {
    std::unique_lock lock(mutex_);
    const AuthorityFault before = fault_;
    return changed_.wait_for(lock, most, [&] { return is_over_ || fault_ != before; });
  }

  hosting::TestAuthority ca_;
  const int bell_ = ::eventfd(0, EFD_CLOEXEC);
  std::uint16_t port_ = 0;
  std::atomic<std::uint64_t> requests_ = 0;

  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::vector<jose::Key> keys_;
  AuthorityFault fault_ = AuthorityFault::none;
  std::shared_ptr<SSL_CTX> tls_;
  int listening_ = -1;
  bool is_listening_ = false;
  bool is_over_ = false;
  std::list<Connection> connections_;
  std::thread accepting_;
};

}  // namespace gatehouse::test_support
