#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/hosting/http_client.h"
#include "gatehouse/hosting/http_client_test_support.h"

namespace gatehouse::hosting {
namespace {

using testing::HasSubstr;
using testing::Not;
using Then = Answer::Then;

const std::string hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const std::string established = "HTTP/1.1 200 Connection established\r\n\r\n";
const std::string basic = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";

const TestAuthority& authority() {
  static const TestAuthority made;
  return made;
}

// A client whose proxy is the server, which no name leads to.
class Proxied : public testing::Test {
 protected:
  Proxied() {
    rig.server.starts_plain = true;
    HttpClientOptions options{.ca_file = authority().file(),
                              .resolve = [](const std::string& host) -> Result<std::vector<IpAddress>> {
                                return fail(Failure::unavailable, "cannot resolve " + host);
                              }};
    Proxy proxy{.host = "127.0.0.1", .port = rig.server.port(), .authorization = Secret(basic)};
    options.proxy = {.for_http = proxy, .for_https = proxy, .except = NoProxy::parse("direct.test")};
    rig.client = *HttpClient::make(rig.reactor, std::move(options));
  }

  std::string proxy() const { return "the proxy " + rig.server.authority(); }

  ClientRig rig{{}, authority().serve({})};
};

TEST_F(Proxied, HttpGoesByTheWholeUrl) {
  rig.server.answer(hello);
  EXPECT_EQ(text_of(rig.get("http://issuer.test/a?b=c")), "200 hello");
  EXPECT_EQ(rig.server.requests.at(0),
            "GET http://issuer.test/a?b=c HTTP/1.1\r\nHost: issuer.test\r\nAccept-Encoding: identity\r\n"
            "Proxy-Authorization: " +
                basic + "\r\n\r\n");
}

// The server is told nothing of the proxy, and the proxy nothing of what is asked.
TEST_F(Proxied, HttpsGoesThroughATunnel) {
  rig.server.answer(established, Then::starts_tls);
  rig.server.answer(hello);
  EXPECT_EQ(text_of(rig.get("https://issuer.test/a?b=c")), "200 hello");
  EXPECT_EQ(rig.server.requests.at(0),
            "CONNECT issuer.test:443 HTTP/1.1\r\nHost: issuer.test:443\r\n"
            "Proxy-Authorization: " +
                basic + "\r\n\r\n");
  EXPECT_EQ(rig.server.requests.at(1),
            "GET /a?b=c HTTP/1.1\r\nHost: issuer.test\r\nAccept-Encoding: identity\r\n\r\n");
}

TEST_F(Proxied, AKeptTunnelIsAskedAgain) {
  rig.server.answer(established, Then::starts_tls);
  rig.server.answer(hello);
  rig.server.answer(hello);
  EXPECT_EQ(text_of(rig.get("https://issuer.test/")), "200 hello");
  EXPECT_EQ(text_of(rig.get("https://issuer.test/")), "200 hello");
  EXPECT_EQ(rig.server.connections, 1);
  EXPECT_EQ(rig.server.requests.size(), 3u);
}

// The proxy may lead anywhere; the certificate says where.
TEST_F(Proxied, ATunnelHasToEndAtTheServer) {
  rig.server.answer(established, Then::starts_tls);
  EXPECT_EQ(text_of(rig.get("https://other.test/")),
            "unavailable cannot connect to other.test:443: TLS: hostname mismatch");
}

struct RefusalCase {
  std::string answer;
  Then then;
  std::string expected;  // behind the proxy's name
};

TEST_F(Proxied, ATunnelThatIsRefusedIsNoAnswer) {
  for (const RefusalCase& test : std::vector<RefusalCase>{
           {"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno", Then::stays,
            " answered 407 to CONNECT issuer.test:443"},
           {"HTTP/1.1 302 Found\r\nLocation: https://evil.test\r\n\r\n", Then::stays,
            " answered 302 to CONNECT issuer.test:443"},
           {"", Then::closes, ": no answer before the connection was closed"},
           {"HTTP/1.1 200", Then::closes, ": the header ended early"},
       }) {
    rig.server.answer(test.answer, test.then);
    EXPECT_EQ(text_of(rig.get("https://issuer.test/")), "unavailable " + proxy() + test.expected);
  }
  EXPECT_EQ(rig.client->idle_connections(), 0u);
}

TEST_F(Proxied, NothingComesBetweenTheTunnelAndTls) {
  rig.server.answer(established + "\x16\x03\x03");
  EXPECT_EQ(text_of(rig.get("https://issuer.test/")),
            "malformed " + proxy() + " sent more than its answer to CONNECT");
}

TEST_F(Proxied, ATunnelThatNobodyOpensEndsInTime) {
  rig.ask("https://issuer.test/");
  rig.settle();
  rig.pass(std::chrono::milliseconds(5'100));
  ASSERT_TRUE(rig.response);
  EXPECT_EQ(text_of(*rig.response), "unavailable cannot connect to issuer.test:443 through " + proxy() +
                                        ": no connection within 5000 ms");
}

TEST_F(Proxied, AnExceptionIsAskedDirectly) {
  EXPECT_EQ(text_of(rig.get("https://direct.test/")), "unavailable cannot resolve direct.test");
  EXPECT_EQ(rig.server.connections, 0);
}

TEST_F(Proxied, LoopbackIsAskedDirectly) {
  rig.server.answer(hello);
  EXPECT_EQ(text_of(rig.get(rig.url("/a"))), "200 hello");
  EXPECT_THAT(rig.server.requests.at(0), testing::StartsWith("GET /a HTTP/1.1\r\n"));
  EXPECT_THAT(rig.server.requests.at(0), Not(HasSubstr("Proxy-")));
}

// The proxy's own address is the operator's choice; the rule is about what is asked for.
TEST_F(Proxied, TheRuleForAddressesHoldsForThoseInUrls) {
  const auto get = [&](const std::string& url) {
    return text_of(rig.get({.url = *Url::parse(url), .public_addresses_only = true}));
  };
  EXPECT_EQ(get("https://10.0.0.1/"), "address_not_allowed 10.0.0.1");
  EXPECT_EQ(get("http://[fd00::1]/"), "address_not_allowed fd00::1");
  EXPECT_EQ(get("http://127.0.0.1/"), "address_not_allowed 127.0.0.1");
  EXPECT_EQ(rig.server.connections, 0);
  rig.server.answer(hello);
  EXPECT_EQ(get("http://issuer.test/"), "200 hello");
}

TEST_F(Proxied, SaysThatTheProxyIsNotThere) {
  HttpClientOptions options;
  options.proxy.for_https =
      Proxy{.host = "127.0.0.2", .port = rig.server.port(), .authorization = Secret(basic)};
  rig.client = *HttpClient::make(rig.reactor, std::move(options));
  EXPECT_EQ(text_of(rig.get("https://issuer.test/")),
            "unavailable cannot connect to the proxy 127.0.0.2:" + std::to_string(rig.server.port()) +
                ": Connection refused");
}

}  // namespace
}  // namespace gatehouse::hosting
