#include "gatehouse/hosting/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>

#include "gatehouse/hosting/connection_test_support.h"
#include "gatehouse/hosting/test_certificate.h"
#include "tests/support/temporary_folder.h"

namespace gatehouse::hosting {
namespace {

using testing::HasSubstr;

constexpr Instant now{std::chrono::seconds(1'780'000'000)};
constexpr auto day = std::chrono::hours(24);

// A folder with one good pair and everything that is mistaken for one.
class TlsFiles {
 public:
  TlsFiles() {
    const TestCertificate good = make_test_certificate(now - day, now + day);
    write("good.crt", good.certificate);
    write("good.key", good.key);
    write("encrypted.key", good.encrypted_key);
    write("other.key", make_test_certificate(now - day, now + day).key);
    write("rsa.key", make_test_certificate(now - day, now + day, true).key);
    write("expired.crt", make_test_certificate(now - 2 * day, now).certificate);
    write("early.crt", make_test_certificate(now + day, now + 2 * day).certificate);
    write("text", "no PEM at all");
  }

  std::string path(const std::string& name) const { return folder_.path(name); }

 private:
  void write(const std::string& name, const std::string& text) { test_support::write_file(path(name), text); }

  test_support::TemporaryFolder folder_;
};

const TlsFiles& files() {
  static const TlsFiles made;
  return made;
}

struct LoadCase {
  const char* name;
  const char* certificate;
  const char* key;
  const char* fault;  // part of the message
  const char* names;  // the file that it names
};

constexpr LoadCase load_cases[] = {
    {"AMissingCertificate", "none.crt", "good.key", "does not exist", "none.crt"},
    {"AMissingKey", "good.crt", "none.key", "does not exist", "none.key"},
    {"ACertificateThatIsNoPem", "text", "good.key", "give a PEM file", "text"},
    {"AKeyThatIsNoPem", "good.crt", "text", "give a PEM file", "text"},
    {"AKeyForACertificate", "good.key", "good.key", "give a PEM file", "good.key"},
    {"TheKeyOfAnotherCertificate", "good.crt", "other.key", "another certificate", "other.key"},
    {"AKeyOfAnotherKind", "good.crt", "rsa.key", "another certificate", "rsa.key"},
    {"AnEncryptedKey", "good.crt", "encrypted.key", "is encrypted", "encrypted.key"},
    {"AnExpiredCertificate", "expired.crt", "good.key", "expired at 2026-05-28T20:26:40Z; renew it",
     "expired.crt"},
    {"ACertificateOfTheFuture", "early.crt", "good.key", "is not valid before", "early.crt"},
};

class TlsFault : public testing::TestWithParam<LoadCase> {};

TEST_P(TlsFault, NamesTheFileAndTheFix) {
  const auto loaded =
      TlsContext::load(files().path(GetParam().certificate), files().path(GetParam().key), now);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().kind, Failure::configuration_invalid);
  EXPECT_THAT(loaded.error().subject, HasSubstr(GetParam().fault));
  EXPECT_THAT(loaded.error().subject, HasSubstr(files().path(GetParam().names)));
  EXPECT_EQ(ERR_peek_error(), 0u) << "an error left behind would be taken for a connection's";
}

INSTANTIATE_TEST_SUITE_P(TlsContext, TlsFault, testing::ValuesIn(load_cases),
                         [](const auto& test) { return test.param.name; });

// A client of TLS on the other end of a connection.
class TlsPeer {
 public:
  explicit TlsPeer(Engine& engine, const TlsContext& server, SSL_CTX* context = nullptr)
      : context_(context ? context : SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
        engine_(engine),
        peer_(engine.connect(&server)) {
    if (context) SSL_CTX_up_ref(context);
    SSL_CTX_set_security_level(context_.get(), 0);  // offers what the server has to refuse
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), peer_.socket());
    SSL_set_connect_state(ssl_.get());
  }

  bool handshake() {
    for (int i = 0; i < 20; ++i) {
      ERR_clear_error();
      const int result = SSL_do_handshake(ssl_.get());
      engine_.run();
      if (result == 1) return true;
      if (SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ) return false;
    }
    return false;
  }

  void write(std::string_view octets) {
    SSL_write(ssl_.get(), octets.data(), static_cast<int>(octets.size()));
  }

  std::string read() {
    std::string all;
    std::string part(64 * 1024, '\0');
    int count = 0;
    while ((count = SSL_read(ssl_.get(), part.data(), static_cast<int>(part.size()))) > 0)
      all.append(part, 0, static_cast<std::size_t>(count));
    return all;
  }

  std::string ask(std::string_view octets) {
    write(octets);
    engine_.run();
    return read();
  }

  bool was_told_goodbye() {
    return read().empty() && (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
  }
  SSL* ssl() noexcept { return ssl_.get(); }
  SSL_CTX* context() noexcept { return context_.get(); }
  Peer& peer() noexcept { return peer_; }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  Engine& engine_;
  Peer peer_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
};

class Tls : public testing::Test {
 protected:
  Tls() { ::signal(SIGPIPE, SIG_IGN); }
  TlsContext context = *TlsContext::load(files().path("good.crt"), files().path("good.key"), now);
  Engine engine;
};

TEST_F(Tls, ServesRequests) {
  bool is_https = false;
  engine.map("GET", "/scheme", [&](http::HttpContext& request) {
    is_https = request.request.is_https;
    return http::results::ok();
  });
  TlsPeer client(engine, context);
  ASSERT_TRUE(client.handshake());
  EXPECT_EQ(status_lines(client.ask(get_root)), "200 OK");
  EXPECT_EQ(status_lines(client.ask("GET /scheme HTTP/1.1\r\nHost: a\r\n\r\n")), "200 OK");
  EXPECT_TRUE(is_https);
  EXPECT_EQ(context.expires(), now + day);
}

// The request comes in one segment with the client's Finished, and no event follows to tell of it.
TEST_F(Tls, ServesTheRequestThatCameWithTheHandshake) {
  TlsPeer client(engine, context);
  SSL_do_handshake(client.ssl());
  engine.run();
  ASSERT_EQ(SSL_do_handshake(client.ssl()), 1);
  EXPECT_EQ(status_lines(client.ask(get_root)), "200 OK");
}

TEST_F(Tls, ServesRequestsInOneRecordAndInSeveral) {
  TlsPeer client(engine, context);
  ASSERT_TRUE(client.handshake());
  EXPECT_EQ(status_lines(client.ask(get_root + get_root)), "200 OK, 200 OK");
  client.write(get_root);
  client.write(get_root.substr(0, 10));
  client.write(get_root.substr(10));
  EXPECT_EQ(status_lines(client.ask(get_root)), "200 OK, 200 OK, 200 OK");
}

TEST_F(Tls, CarriesLargeBodiesBothWays) {
  engine.map("POST", "/echo", [](http::HttpContext& request) {
    return http::results::text(std::string(request.request.body) + std::string(request.request.body));
  });
  TlsPeer client(engine, context);
  ASSERT_TRUE(client.handshake());
  const std::string body(50'000, 'x');
  client.write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n");
  std::string answer;
  for (std::size_t sent = 0; sent < body.size(); sent += 10'000)
    answer += client.ask(body.substr(sent, 10'000));
  for (int i = 0; i < 20; ++i) {
    engine.run();
    answer += client.read();
  }
  EXPECT_THAT(answer, testing::StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, 100'000u);
}

TEST_F(Tls, SaysGoodbyeBeforeItCloses) {
  TlsPeer client(engine, context);
  ASSERT_TRUE(client.handshake());
  EXPECT_EQ(status_lines(client.ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")), "200 OK");
  EXPECT_TRUE(client.was_told_goodbye());
}

TEST_F(Tls, SaysGoodbyeToAnIdleConnection) {
  TlsPeer client(engine, context);
  ASSERT_TRUE(client.handshake());
  EXPECT_EQ(status_lines(client.ask(get_root)), "200 OK");
  engine.pass(std::chrono::milliseconds(75'100));
  EXPECT_TRUE(client.was_told_goodbye());
  EXPECT_EQ(engine.connections.size(), 0u);
}

TEST_F(Tls, EndsAHandshakeThatTakesTooLong) {
  TlsPeer client(engine, context);
  SSL_do_handshake(client.ssl());  // the first flight only
  engine.run();
  engine.pass(std::chrono::milliseconds(10'000));
  EXPECT_EQ(engine.connections.size(), 1u);
  engine.pass(TimerWheel::resolution);
  EXPECT_EQ(engine.connections.size(), 0u);
}

TEST_F(Tls, EndsAConnectionThatSpeaksNone) {
  Peer peer = engine.connect(&context);
  engine.ask(peer, get_root);
  EXPECT_TRUE(peer.is_closed());
  EXPECT_EQ(engine.handled, 0);
}

TEST_F(Tls, ResumesASession) {
  TlsPeer first(engine, context);
  ASSERT_TRUE(first.handshake());
  first.ask(get_root);  // the ticket comes with the answer
  const std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)> session(SSL_get1_session(first.ssl()),
                                                                          SSL_SESSION_free);
  TlsPeer second(engine, context, first.context());
  SSL_set_session(second.ssl(), session.get());
  ASSERT_TRUE(second.handshake());
  EXPECT_TRUE(SSL_session_reused(second.ssl()));
}

TEST_F(Tls, DoesNotRenegotiate) {
  TlsPeer client(engine, context);
  SSL_set_max_proto_version(client.ssl(), TLS1_2_VERSION);
  ASSERT_TRUE(client.handshake());
  SSL_renegotiate(client.ssl());
  EXPECT_FALSE(client.handshake());
}

struct OfferCase {
  const char* name;
  int lowest;
  int highest;
  const char* suites;          // of TLS 1.2; all when null
  std::string_view protocols;  // of ALPN
  bool accepted;
};

const OfferCase offer_cases[] = {
    {"TakesTls13", TLS1_3_VERSION, TLS1_3_VERSION, nullptr, "", true},
    {"TakesTls12", TLS1_2_VERSION, TLS1_2_VERSION, nullptr, "", true},
    {"RefusesTls11", TLS1_1_VERSION, TLS1_1_VERSION, "ALL:@SECLEVEL=0", "", false},
    {"RefusesTls10", TLS1_VERSION, TLS1_VERSION, "ALL:@SECLEVEL=0", "", false},
    {"TakesGcm", TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256", "", true},
    {"TakesChaCha", TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305", "", true},
    {"RefusesCbc", TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA", "",
     false},
    {"RefusesCcm", TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-CCM", "", false},
    {"TakesItsProtocol", 0, 0, nullptr, std::string_view("\x02h2\x08http/1.1", 12), true},
    {"RefusesOtherProtocols", 0, 0, nullptr, std::string_view("\x02h2", 3), false},
};

class TlsOffer : public Tls, public testing::WithParamInterface<OfferCase> {};

TEST_P(TlsOffer, IsJudgedByTheTable) {
  TlsPeer client(engine, context);
  SSL_set_min_proto_version(client.ssl(), GetParam().lowest);
  SSL_set_max_proto_version(client.ssl(), GetParam().highest);
  if (GetParam().suites) SSL_set_cipher_list(client.ssl(), GetParam().suites);
  const std::string_view protocols = GetParam().protocols;
  SSL_set_alpn_protos(client.ssl(), reinterpret_cast<const unsigned char*>(protocols.data()),
                      static_cast<unsigned>(protocols.size()));
  ASSERT_EQ(client.handshake(), GetParam().accepted);
  engine.run();
  EXPECT_EQ(engine.connections.size(), GetParam().accepted ? 1u : 0u);
  const unsigned char* chosen = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(client.ssl(), &chosen, &length);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), length),
            GetParam().accepted && !protocols.empty() ? "http/1.1" : "");
}

INSTANTIATE_TEST_SUITE_P(Rfc9325, TlsOffer, testing::ValuesIn(offer_cases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace gatehouse::hosting
