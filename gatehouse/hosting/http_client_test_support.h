/// HTTP client under test — a reactor whose time moves by hand, a server that answers what the test wrote
/// down, and an authority for its certificates.
///
/// Client and server are on one thread and take turns, over real sockets on loopback. Nothing sleeps.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "gatehouse/hosting/http_client.h"
#include "gatehouse/hosting/reactor.h"
#include "gatehouse/hosting/test_certificate.h"
#include "tests/support/temporary_folder.h"

namespace gatehouse::hosting {

using ServerTls = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

/// What a certificate says.
struct TestSubject {
  std::string names = "DNS:issuer.test,IP:127.0.0.1";  ///< as OpenSSL's configuration has them; empty is none
  std::chrono::hours begins{-24};                      ///< from now
  std::chrono::hours ends{24};
  std::string common_name = "issuer.test";
};

/// An authority with certificates of its own making, and a file that says so.
class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name = "authority")
      : key_(make_key()), certificate_(make(key_.get(), {.names = {}, .common_name = name}, true)) {
    test_support::write_file(file(), pem_of([&](BIO* out) { PEM_write_bio_X509(out, certificate_.get()); }));
  }

  std::string file() const { return folder_.path("authority.pem"); }

  /// A server that shows a certificate with `subject`, of this authority or, self-signed, of nobody.
  ServerTls serve(const TestSubject& subject, bool is_self_signed = false) const {
    ServerTls context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    const Key key = make_key();
    const Certificate certificate = make(key.get(), subject, is_self_signed);
    SSL_CTX_use_certificate(context.get(), certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), key.get());
    return context;
  }

 private:
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

  static Key make_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

  static void add_extension(X509* to, int kind, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    X509_add_ext(to, extension, -1);
    X509_EXTENSION_free(extension);
  }

  Certificate make(EVP_PKEY* key, const TestSubject& subject, bool is_own_issuer) const {
    Certificate made(X509_new(), X509_free);
    X509* x509 = made.get();
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 2);
    ASN1_TIME_set(X509_getm_notBefore(x509), (now + subject.begins).count());
    ASN1_TIME_set(X509_getm_notAfter(x509), (now + subject.ends).count());
    X509_NAME* name = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(subject.common_name.c_str()), -1, -1,
                               0);
    X509_set_issuer_name(x509, is_own_issuer ? name : X509_get_subject_name(certificate_.get()));
    X509_set_pubkey(x509, key);
    if (subject.names.empty()) add_extension(x509, NID_basic_constraints, "critical,CA:TRUE");
    if (!subject.names.empty()) add_extension(x509, NID_subject_alt_name, subject.names);
    X509_sign(x509, is_own_issuer ? key : key_.get(), EVP_sha256());
    return made;
  }

  test_support::TemporaryFolder folder_;
  Key key_;
  Certificate certificate_{nullptr, X509_free};
};

/// What a server does when it has read a request's header.
struct Answer {
  std::vector<std::string> pieces = {};  ///< one is sent whenever it is the server's turn
  enum class Then : std::uint8_t { stays, closes, cuts_off, resets, starts_tls, repeats } then = Then::stays;
};

/// Listens on 127.0.0.1 and answers each request with the next answer that it was given; with none, never.
class ScriptedServer {
 public:
  explicit ScriptedServer(ServerTls tls = {nullptr, SSL_CTX_free})
      : tls_(std::move(tls)), listening_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes with write(2), also to who has gone
    sockaddr_in address{
        .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t size = sizeof address;
    if (::bind(listening_, reinterpret_cast<sockaddr*>(&address), size) != 0) std::abort();
    ::listen(listening_, 64);
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer() { ::close(listening_); }

  std::uint16_t port() const noexcept { return port_; }
  std::string authority() const { return "127.0.0.1:" + std::to_string(port_); }

  void answer(Answer next) { answers_.push_back(std::move(next)); }
  void answer(std::string octets, Answer::Then then = Answer::Then::stays) {
    answer({.pieces = {std::move(octets)}, .then = then});
  }

  /// Takes its turn: accepts, reads, and sends one piece on each connection.
  void step() {
    while (true) {
      const int socket = ::accept4(listening_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (socket < 0) break;
      const int on = 1;
      ::setsockopt(socket, IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
      ++connections;
      peers_.push_back(std::make_unique<Peer>(socket, !starts_plain ? tls_.get() : nullptr));
    }
    for (const auto& peer : peers_) step(*peer);
    std::erase_if(peers_, [](const auto& peer) { return peer->is_over; });
  }

  /// Closes what is open; the client may not know yet.
  void close_all() { peers_.clear(); }
  void send_to_all(std::string_view octets) {
    for (const auto& peer : peers_) peer->write(octets);
  }

  bool starts_plain = false;          ///< TLS begins only when an answer says so: a proxy
  int connections = 0;                ///< accepted so far
  std::vector<std::string> requests;  ///< with their bodies, as they came

 private:
  struct Peer {
    Peer(int number, SSL_CTX* tls) : socket(number), ssl(nullptr, SSL_free) {
      if (tls) start_tls(tls);
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer() { ::close(socket); }

    void start_tls(SSL_CTX* tls) {
      ssl.reset(SSL_new(tls));
      SSL_set_fd(ssl.get(), socket);
      SSL_set_accept_state(ssl.get());
    }
    void read() {
      std::string part(64 * 1024, '\0');
      for (;;) {
        ERR_clear_error();
        const ssize_t count = ssl ? SSL_read(ssl.get(), part.data(), static_cast<int>(part.size()))
                                  : ::recv(socket, part.data(), part.size(), 0);
        if (count <= 0) break;
        received.append(part, 0, static_cast<std::size_t>(count));
      }
    }
    void write(std::string_view octets) {
      ERR_clear_error();
      if (ssl)
        SSL_write(ssl.get(), octets.data(), static_cast<int>(octets.size()));
      else
        (void)::send(socket, octets.data(), octets.size(), MSG_NOSIGNAL);
    }

    int socket;
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl;
    std::string received;
    std::optional<Answer> answer;
    std::size_t sent = 0;
    bool is_over = false;
  };

  static std::size_t body_length(const std::string& header) {
    constexpr std::string_view field = "\r\nContent-Length: ";
    const std::size_t at = header.find(field);
    return at == std::string::npos ? 0 : std::stoul(header.substr(at + field.size()));
  }

  void step(Peer& peer) {
    peer.read();
    if (!peer.answer) {
      const std::size_t end = peer.received.find("\r\n\r\n");
      if (end == std::string::npos) return;
      const std::size_t length = end + 4 + body_length(peer.received.substr(0, end));
      if (peer.received.size() < length) return;
      requests.push_back(peer.received.substr(0, length));
      peer.received.erase(0, length);
      if (answers_.empty()) return;
      peer.answer = std::move(answers_.front());
      answers_.pop_front();
      peer.sent = 0;
    }
    const Answer& answer = *peer.answer;
    if (peer.sent < answer.pieces.size()) peer.write(answer.pieces[peer.sent++]);
    if (peer.sent < answer.pieces.size()) return;
    end(peer, answer);
  }

  void end(Peer& peer, const Answer& answer) {
    switch (answer.then) {
      case Answer::Then::repeats:
        peer.sent = answer.pieces.size() - 1;
        return;
      case Answer::Then::closes:
        if (peer.ssl) SSL_shutdown(peer.ssl.get());
        peer.is_over = true;
        break;
      case Answer::Then::resets: {
        const ::linger none{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(peer.socket, SOL_SOCKET, SO_LINGER, &none, sizeof none);
        peer.is_over = true;
        break;
      }
      case Answer::Then::cuts_off:
        peer.is_over = true;
        break;
      case Answer::Then::starts_tls:
        peer.start_tls(tls_.get());
        break;
      case Answer::Then::stays:
        break;
    }
    peer.answer.reset();
  }

  ServerTls tls_;
  int listening_;
  std::uint16_t port_ = 0;
  std::deque<Answer> answers_;
  std::vector<std::unique_ptr<Peer>> peers_;
};

class StandingClock final : public Clock {
 public:
  Instant now() const override { return Instant(std::chrono::seconds(1'780'000'000)); }
};

/// A client, and the one server that it can reach.
class ClientRig {
 public:
  using Response = Result<HttpClientResponse>;

  explicit ClientRig(HttpClientOptions options = {}, ServerTls tls = {nullptr, SSL_CTX_free})
      : server(std::move(tls)), client(*HttpClient::make(reactor, std::move(options))) {}

  /// Begins to ask; `response` comes while the two take turns.
  void ask(HttpClientRequest request) {
    response.reset();
    start(client->send(std::move(request)), [this](Response&& got) { response = std::move(got); });
  }
  void ask(const std::string& url) { ask(HttpClientRequest{.url = *Url::parse(url)}); }

  /// Lets both take their turns until the response has come, or there is none after many.
  void take_turns(int turns = 50'000) {
    for (int i = 0; i < turns && !response; ++i) {
      reactor.run_ready();
      server.step();
      if (i > 100) std::this_thread::yield();
    }
  }

  /// A few turns in which nothing is expected to end.
  void settle() { take_turns(20); }

  /// Moves time on, with a turn for each step of it.
  void pass(std::chrono::milliseconds time) {
    for (; time > std::chrono::milliseconds(0) && !response; time -= TimerWheel::resolution) {
      reactor.tick();
      take_turns(1);
    }
  }

  Response get(HttpClientRequest request) {
    ask(std::move(request));
    take_turns();
    return response ? std::move(*response) : fail(Failure::internal, "the test waits for ever");
  }
  Response get(const std::string& url) { return get(HttpClientRequest{.url = *Url::parse(url)}); }

  /// Of a path on the server.
  std::string url(const std::string& path = "/") const { return "http://" + server.authority() + path; }

  StandingClock clock;
  Reactor reactor{clock, Reactor::Ticking::by_hand};
  ScriptedServer server;
  std::optional<Response> response;
  std::unique_ptr<HttpClient> client;
};

/// "200 body", or "malformed subject".
inline std::string text_of(const Result<HttpClientResponse>& response) {
  if (response) return std::to_string(response->status) + " " + response->body;
  return std::string(code(response.error().kind)) + " " + response.error().subject;
}

}  // namespace gatehouse::hosting
