#include "gatehouse/hosting/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "gatehouse/hosting/http_client_test_support.h"

namespace gatehouse::hosting {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::StartsWith;
using Then = Answer::Then;

const std::string hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

const TestAuthority& authority() {
  static const TestAuthority made;
  return made;
}

// The addresses of every name, instead of the system's.
HttpClientOptions resolving_to(const std::vector<std::string>& addresses) {
  return {.ca_file = authority().file(), .resolve = [addresses](const std::string&) {
            std::vector<IpAddress> parsed;
            for (const std::string& address : addresses) parsed.push_back(*IpAddress::parse(address));
            return Result<std::vector<IpAddress>>(parsed);
          }};
}

struct AnswerCase {
  const char* name;
  std::string octets;
  Then then;
  std::string expected;
};

const AnswerCase answer_cases[] = {
    {"ALength", hello, Then::stays, "200 hello"},
    {"Chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", Then::stays,
     "200 hello"},
    {"ABodyUntilTheEnd", "HTTP/1.1 200 OK\r\n\r\nhello", Then::closes, "200 hello"},
    {"ABodyUntilTheEndOfVersion10", "HTTP/1.0 200 OK\r\n\r\nhello", Then::closes, "200 hello"},
    {"AnInterimResponse", "HTTP/1.1 103 Early Hints\r\n\r\n" + hello, Then::stays, "200 hello"},
    {"NotModified", "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n", Then::stays, "304 "},
    {"ARedirect", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 5\r\n\r\nthere",
     Then::stays, "302 there"},
    {"AnErrorOfTheServer", "HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno", Then::stays, "500 no"},
    {"ABodyThatEndsEarly", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", Then::closes,
     "unavailable the body ended early"},
    {"ABodyThatIsReset", "HTTP/1.1 200 OK\r\n\r\nhello", Then::resets, "unavailable the body ended early"},
    {"NoAnswer", "", Then::closes, "unavailable no answer before the connection was closed"},
    {"AHeaderThatEndsEarly", "HTTP/1.1 200 OK\r\nCont", Then::closes, "unavailable the header ended early"},
    {"AnotherProtocol", "220 mail ESMTP\r\n", Then::stays,
     "malformed no HTTP response (status_line_invalid)"},
    {"TwoLengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 4\r\n\r\nhello", Then::stays,
     "malformed no HTTP response (body_length_ambiguous)"},
    {"Compression", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
     Then::stays, "malformed a compressed response, which was not asked for"},
    {"ALengthBeyondTheCap", "HTTP/1.1 200 OK\r\nContent-Length: 524289\r\n\r\n", Then::stays,
     "too_large the response's body"},
};

class AnswersOver : public testing::TestWithParam<AnswerCase> {};

std::vector<std::string> octet_by_octet(std::string_view octets) {
  std::vector<std::string> pieces;
  for (const char octet : octets) pieces.emplace_back(1, octet);
  return pieces;
}

TEST_P(AnswersOver, PlainSockets) {
  ClientRig rig;
  rig.server.answer(GetParam().octets, GetParam().then);
  EXPECT_EQ(text_of(rig.get(rig.url())), GetParam().expected);
}

TEST_P(AnswersOver, PlainSocketsOctetByOctet) {
  ClientRig rig;
  rig.server.answer({.pieces = octet_by_octet(GetParam().octets), .then = GetParam().then});
  EXPECT_EQ(text_of(rig.get(rig.url())), GetParam().expected);
}

TEST_P(AnswersOver, Tls) {
  ClientRig rig({.ca_file = authority().file()}, authority().serve({}));
  rig.server.answer(GetParam().octets, GetParam().then);
  EXPECT_EQ(text_of(rig.get("https://" + rig.server.authority())), GetParam().expected);
}

TEST_P(AnswersOver, TlsRecordByRecord) {
  ClientRig rig({.ca_file = authority().file()}, authority().serve({}));
  rig.server.answer({.pieces = octet_by_octet(GetParam().octets), .then = GetParam().then});
  EXPECT_EQ(text_of(rig.get("https://" + rig.server.authority())), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(HttpClient, AnswersOver, testing::ValuesIn(answer_cases),
                         [](const auto& test) { return test.param.name; });

TEST(HttpClient, AsksWithItsOwnFieldsAndTheCallers) {
  ClientRig rig;
  rig.server.answer(hello);
  const std::string url = rig.url("/a/b?c=d");
  const HttpClientRequest request{.url = *Url::parse(url),
                                  .headers = {{"Accept", "application/json"}, {"If-None-Match", "\"a\""}}};
  EXPECT_EQ(text_of(rig.get(request)), "200 hello");
  EXPECT_EQ(rig.server.requests.at(0), "GET /a/b?c=d HTTP/1.1\r\nHost: " + rig.server.authority() +
                                           "\r\nAccept-Encoding: identity\r\nAccept: application/json\r\n"
                                           "If-None-Match: \"a\"\r\n\r\n");
}

TEST(HttpClient, PostsABodyOverAConnectionOfItsOwn) {
  ClientRig rig;
  for (int i = 0; i < 3; ++i) rig.server.answer(hello);
  EXPECT_EQ(text_of(rig.get(rig.url())), "200 hello");
  const HttpClientRequest post{.url = *Url::parse(rig.url("/token")),
                               .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                               .body = "a=b&c=d"};
  EXPECT_EQ(text_of(rig.get(post)), "200 hello");
  EXPECT_EQ(rig.server.requests.at(1), "POST /token HTTP/1.1\r\nHost: " + rig.server.authority() +
                                           "\r\nAccept-Encoding: identity\r\n"
                                           "Content-Type: application/x-www-form-urlencoded\r\n"
                                           "Content-Length: 7\r\n\r\na=b&c=d");
  EXPECT_EQ(rig.server.connections, 2);
}

TEST(HttpClient, SendsNoRequestThatIsTwo) {
  ClientRig rig;
  const Url url = *Url::parse(rig.url());
  Url forged = url;
  forged.target = "/ HTTP/1.1\r\nHost: b\r\n\r\nGET /";
  EXPECT_EQ(text_of(rig.get({.url = forged})), "malformed the request's URL is none");
  forged = url;
  forged.host = "a\r\nb";
  EXPECT_EQ(text_of(rig.get({.url = forged})), "malformed the request's URL is none");
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{{"A\r\nB", "c"},
                                                                                    {"A", "b\r\nc: d"},
                                                                                    {"", "a"},
                                                                                    {"A:", "b"},
                                                                                    {"host", "b"},
                                                                                    {"Content-Length", "5"}})
    EXPECT_THAT(text_of(rig.get({.url = url, .headers = {{name, value}}})), StartsWith("malformed")) << name;
  EXPECT_EQ(rig.server.connections, 0);
}

TEST(HttpClient, ReadsAnEndlessBodyUpToTheCap) {
  ClientRig rig({.maximum_body = 100'000});
  rig.server.answer({.pieces = {"HTTP/1.1 200 OK\r\n\r\n", std::string(10'000, 'x')}, .then = Then::repeats});
  EXPECT_EQ(text_of(rig.get(rig.url())), "too_large the response's body");
}

TEST(HttpClient, ReadsAnEndlessHeaderUpToTheCap) {
  ClientRig rig;
  rig.server.answer(
      {.pieces = {"HTTP/1.1 200 OK\r\n", "X: " + std::string(1000, 'x') + "\r\n"}, .then = Then::repeats});
  EXPECT_EQ(text_of(rig.get(rig.url())), "too_large the response's header");
}

TEST(HttpClient, TakesALargeBody) {
  ClientRig rig;
  const std::string body(512 * 1024, 'x');
  std::vector<std::string> pieces = {"HTTP/1.1 200 OK\r\nContent-Length: 524288\r\n\r\n"};
  for (std::size_t at = 0; at < body.size(); at += 16 * 1024) pieces.push_back(body.substr(at, 16 * 1024));
  rig.server.answer({.pieces = pieces});
  EXPECT_EQ(text_of(rig.get(rig.url())), "200 " + body);
}

// Deadlines

TEST(HttpClient, EndsAnAnswerThatDripsAtTheDeadline) {
  ClientRig rig;
  rig.server.answer({.pieces = {"HTTP/1.1 200 OK\r\n\r\n", "x"}, .then = Then::repeats});
  rig.ask({.url = *Url::parse(rig.url()), .deadline = milliseconds(2'000)});
  rig.settle();
  rig.pass(milliseconds(2'000));
  EXPECT_FALSE(rig.response);
  rig.pass(TimerWheel::resolution);
  ASSERT_TRUE(rig.response);
  EXPECT_EQ(text_of(*rig.response),
            "unavailable no answer from " + rig.server.authority() + " within 2000 ms");
}

TEST(HttpClient, EndsAHandshakeThatNobodyAnswers) {
  ClientRig rig({.ca_file = authority().file()});  // the server speaks no TLS, and says nothing
  rig.ask("https://" + rig.server.authority());
  rig.settle();
  rig.pass(milliseconds(5'100));
  ASSERT_TRUE(rig.response);
  EXPECT_EQ(text_of(*rig.response),
            "unavailable cannot connect to " + rig.server.authority() + ": no connection within 5000 ms");
}

TEST(HttpClient, EndsALookUpThatHangs) {
  std::promise<void> hang;
  std::shared_future<void> hanging = hang.get_future().share();
  ClientRig rig({.resolve = [hanging](const std::string&) -> Result<std::vector<IpAddress>> {
    hanging.wait();
    return std::vector{*IpAddress::parse("127.0.0.1")};
  }});
  rig.ask({.url = *Url::parse("http://slow.test/"), .deadline = milliseconds(1'000)});
  rig.settle();
  rig.pass(milliseconds(1'100));
  ASSERT_TRUE(rig.response);
  EXPECT_EQ(text_of(*rig.response), "unavailable no answer from slow.test within 1000 ms");
  rig.ask("http://slow.test/");
  rig.settle();
  rig.pass(milliseconds(5'100));
  ASSERT_TRUE(rig.response);
  EXPECT_EQ(text_of(*rig.response), "unavailable cannot resolve slow.test: no answer within 5000 ms");
  hang.set_value();
  rig.reactor.run_ready();
}

// Those behind it in the queue would keep the client from ending for as long again, each.
TEST(HttpClient, LooksUpNoNameThatNobodyWaitsForAnyMore) {
  std::promise<void> hang;
  std::shared_future<void> hanging = hang.get_future().share();
  std::atomic<int> begun = 0;
  ClientRig rig({.resolve = [hanging, &begun](const std::string&) -> Result<std::vector<IpAddress>> {
    ++begun;
    hanging.wait();
    return std::vector{*IpAddress::parse("127.0.0.1")};
  }});
  for (int i = 0; i < 10; ++i)
    start(rig.client->send({.url = *Url::parse("http://slow.test/")}), [](Result<HttpClientResponse>&&) {});
  while (begun < 2) std::this_thread::yield();
  rig.response.reset();
  rig.pass(milliseconds(5'100));
  hang.set_value();
  rig.client.reset();
  EXPECT_EQ(begun, 2) << "as many as there are threads";
}

// Names and addresses

TEST(HttpClient, ResolvesNames) {
  ClientRig rig(resolving_to({"127.0.0.1"}));
  rig.server.answer(hello);
  const std::string port = std::to_string(rig.server.port());
  EXPECT_EQ(text_of(rig.get("http://issuer.test:" + port)), "200 hello");
  EXPECT_THAT(rig.server.requests.at(0), HasSubstr("\r\nHost: issuer.test:" + port + "\r\n"));
}

TEST(HttpClient, ResolvesNamesOfTheSystem) {
  ClientRig rig;
  rig.server.answer(hello);
  EXPECT_EQ(text_of(rig.get("http://localhost:" + std::to_string(rig.server.port()))), "200 hello");
}

TEST(HttpClient, SaysWhichNameHasNoAddress) {
  ClientRig rig;
  EXPECT_THAT(text_of(rig.get("http://nobody.invalid/")),
              StartsWith("unavailable cannot resolve nobody.invalid: "));
}

// Nobody listens on the first two: one is refused, the other may be unknown to this machine.
TEST(HttpClient, TriesOneAddressAfterTheOther) {
  ClientRig rig(resolving_to({"127.0.0.2", "::1", "127.0.0.1"}));
  rig.server.answer(hello);
  EXPECT_EQ(text_of(rig.get("http://issuer.test:" + std::to_string(rig.server.port()))), "200 hello");
}

TEST(HttpClient, SaysWhyItCannotConnect) {
  ClientRig rig(resolving_to({"127.0.0.2"}));
  const std::string peer = "issuer.test:" + std::to_string(rig.server.port());
  EXPECT_EQ(text_of(rig.get("http://" + peer)),
            "unavailable cannot connect to " + peer + ": Connection refused");
}

TEST(HttpClient, ReachesPublicAddressesOnlyWhenAskedTo) {
  ClientRig rig(resolving_to({"10.0.0.1", "127.0.0.1", "fd00::1"}));
  const std::string port = std::to_string(rig.server.port());
  const auto get = [&](const std::string& host) {
    return text_of(
        rig.get({.url = *Url::parse("http://" + host + ":" + port), .public_addresses_only = true}));
  };
  EXPECT_EQ(get("127.0.0.1"), "address_not_allowed 127.0.0.1");
  EXPECT_EQ(get("[::1]"), "address_not_allowed ::1");
  EXPECT_EQ(get("[::ffff:127.0.0.1]"), "address_not_allowed 127.0.0.1");
  EXPECT_EQ(get("issuer.test"), "address_not_allowed 10.0.0.1");
  EXPECT_EQ(rig.server.connections, 0);
}

TEST(HttpClient, KnowsThatLocalhostIsNotPublic) {
  ClientRig rig;
  const Url url = *Url::parse("http://localhost:" + std::to_string(rig.server.port()));
  EXPECT_THAT(text_of(rig.get({.url = url, .public_addresses_only = true})),
              StartsWith("address_not_allowed "));
  EXPECT_EQ(rig.server.connections, 0);
}

// A kept connection was made without the rule, and says nothing about where the name leads.
TEST(HttpClient, DoesNotReachAroundTheRuleByAKeptConnection) {
  ClientRig rig;
  rig.server.answer(hello);
  ASSERT_EQ(text_of(rig.get(rig.url())), "200 hello");
  ASSERT_EQ(rig.client->idle_connections(), 1u);
  EXPECT_EQ(text_of(rig.get({.url = *Url::parse(rig.url()), .public_addresses_only = true})),
            "address_not_allowed 127.0.0.1");
}

// TLS

struct TrustCase {
  const char* name;
  TestSubject subject;
  std::string host;      // of the URL; every name is 127.0.0.1
  std::string expected;  // "200 hello", or what stands behind "TLS: "
  bool is_self_signed = false;
  bool trusts_authority = true;
};

using std::chrono::hours;

const TrustCase trust_cases[] = {
    {"ItsName", {}, "issuer.test", "200 hello"},
    {"ItsNameWithAPoint", {}, "issuer.test.", "200 hello"},
    {"ItsAddress", {}, "127.0.0.1", "200 hello"},
    {"ANameForAWildcard", {.names = "DNS:*.issuer.test"}, "login.issuer.test", "200 hello"},
    {"AnExpiredOne", {.begins = hours(-48), .ends = hours(-24)}, "issuer.test", "certificate has expired"},
    {"OneOfTheFuture",
     {.begins = hours(24), .ends = hours(48)},
     "issuer.test",
     "certificate is not yet valid"},
    {"AnotherName", {.names = "DNS:other.test"}, "issuer.test", "hostname mismatch"},
    {"ANameBelowIt", {}, "www.issuer.test", "hostname mismatch"},
    {"ANameInTheSubjectOnly", {.names = "IP:127.0.0.1"}, "issuer.test", "hostname mismatch"},
    {"APartialWildcard", {.names = "DNS:log*.issuer.test"}, "login.issuer.test", "hostname mismatch"},
    {"AnotherAddress", {.names = "DNS:issuer.test,IP:127.0.0.2"}, "127.0.0.1", "IP address mismatch"},
    {"AnAddressAsAName", {.names = "DNS:127.0.0.1"}, "127.0.0.1", "IP address mismatch"},
    {"ASelfSignedOne", {}, "issuer.test", "self-signed certificate", true},
    {"OneOfAnUnknownAuthority", {}, "issuer.test", "unable to get local issuer certificate", false, false},
};

class Trust : public testing::TestWithParam<TrustCase> {};

TEST_P(Trust, IsGivenToCertificatesByTheTable) {
  const TrustCase& test = GetParam();
  const TestAuthority other("other authority");
  HttpClientOptions options = resolving_to({"127.0.0.1"});
  options.ca_file = test.trusts_authority ? authority().file() : other.file();
  ClientRig rig(options, authority().serve(test.subject, test.is_self_signed));
  rig.server.answer(hello);
  const std::string peer = test.host + ":" + std::to_string(rig.server.port());
  const bool is_accepted = test.expected.starts_with("200");
  EXPECT_EQ(
      text_of(rig.get("https://" + peer)),
      is_accepted ? test.expected : "unavailable cannot connect to " + peer + ": TLS: " + test.expected);
  EXPECT_EQ(rig.server.requests.size(), is_accepted ? 1u : 0u);
}

INSTANTIATE_TEST_SUITE_P(Rfc9525, Trust, testing::ValuesIn(trust_cases),
                         [](const auto& test) { return test.param.name; });

TEST(HttpClient, TrustsNoTestAuthorityByTheSystemsStore) {
  ClientRig rig({}, authority().serve({}));
  EXPECT_THAT(text_of(rig.get("https://" + rig.server.authority())),
              HasSubstr(": TLS: unable to get local issuer certificate"));
}

TEST(HttpClient, SaysThatAServerSpeaksNoTls) {
  ClientRig rig({.ca_file = authority().file()});
  rig.ask("https://" + rig.server.authority());
  rig.settle();
  rig.server.send_to_all("HTTP/1.1 400 Bad Request\r\n\r\n");
  rig.take_turns();
  ASSERT_TRUE(rig.response);
  EXPECT_EQ(text_of(*rig.response),
            "unavailable cannot connect to " + rig.server.authority() + ": TLS: wrong version number");
}

TEST(HttpClient, TakesNoTls11) {
  ServerTls old = authority().serve({});
  SSL_CTX_set_security_level(old.get(), 0);
  SSL_CTX_set_min_proto_version(old.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(old.get(), TLS1_1_VERSION);
  ClientRig rig({.ca_file = authority().file()}, std::move(old));
  rig.ask("https://" + rig.server.authority());
  rig.settle();
  rig.server.close_all();
  rig.take_turns();
  ASSERT_TRUE(rig.response);
  EXPECT_THAT(text_of(*rig.response), HasSubstr(": TLS: "));
  EXPECT_TRUE(rig.server.requests.empty());
}

// Whoever cuts the connection can end such a body where he likes.
TEST(HttpClient, TakesNoEndUnderTlsThatTheServerDidNotSay) {
  ClientRig rig({.ca_file = authority().file()}, authority().serve({}));
  rig.server.answer("HTTP/1.1 200 OK\r\n\r\nhello", Then::cuts_off);
  EXPECT_EQ(text_of(rig.get("https://" + rig.server.authority())), "unavailable the body ended early");
}

TEST(HttpClient, NamesTheOptionThatIsWrong) {
  const SystemClock clock;
  Reactor reactor(clock, Reactor::Ticking::by_hand);
  const test_support::TemporaryFolder folder;
  const std::string text = folder.path("text");
  test_support::write_file(text, "no PEM at all");
  for (const auto& [file, fault] : std::vector<std::pair<std::string, std::string>>{
           {"/nowhere/ca.pem", "does not exist; give the path of a PEM file"},
           {text, "give a PEM file of certificates"}}) {
    const auto made = HttpClient::make(reactor, {.ca_file = file});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, Failure::configuration_invalid);
    EXPECT_THAT(made.error().subject, StartsWith("ca_file: the TLS CA file '" + file + "' "));
    EXPECT_THAT(made.error().subject, HasSubstr(fault));
  }
  EXPECT_EQ(ERR_peek_error(), 0u);
}

// Kept connections

TEST(HttpClient, AsksAgainOverTheSameConnection) {
  ClientRig rig;
  for (int i = 0; i < 3; ++i) {
    rig.server.answer(hello);
    EXPECT_EQ(text_of(rig.get(rig.url())), "200 hello");
  }
  EXPECT_EQ(rig.server.connections, 1);
  EXPECT_EQ(rig.client->idle_connections(), 1u);
}

TEST(HttpClient, AsksAgainOverTheSameTlsConnection) {
  ClientRig rig({.ca_file = authority().file()}, authority().serve({}));
  for (int i = 0; i < 3; ++i) {
    rig.server.answer(hello);
    EXPECT_EQ(text_of(rig.get("https://" + rig.server.authority())), "200 hello");
  }
  EXPECT_EQ(rig.server.connections, 1);
}

TEST(HttpClient, KeepsNoConnectionThatHasMoreToSay) {
  ClientRig rig;
  rig.server.answer(hello + "HTTP/1.1 200 OK\r\n");
  EXPECT_EQ(text_of(rig.get(rig.url())), "200 hello");
  EXPECT_EQ(rig.client->idle_connections(), 0u);
}

TEST(HttpClient, DropsAKeptConnectionThatSpeaksUnasked) {
  ClientRig rig;
  rig.server.answer(hello);
  ASSERT_EQ(text_of(rig.get(rig.url())), "200 hello");
  rig.server.send_to_all("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
  rig.reactor.run_ready();
  EXPECT_EQ(rig.client->idle_connections(), 0u);
  rig.server.answer(hello);
  EXPECT_EQ(text_of(rig.get(rig.url())), "200 hello");
}

// The reactor has had no time to see it.
TEST(HttpClient, HandsOutNoConnectionThatHasSpokenUnasked) {
  ClientRig rig;
  rig.server.answer(hello);
  ASSERT_EQ(text_of(rig.get(rig.url())), "200 hello");
  rig.server.send_to_all("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
  rig.server.answer(hello);
  EXPECT_EQ(text_of(rig.get(rig.url())), "200 hello");
  EXPECT_EQ(rig.server.connections, 2);
}

TEST(HttpClient, DropsAKeptConnectionThatTheServerCloses) {
  ClientRig rig;
  rig.server.answer(hello);
  ASSERT_EQ(text_of(rig.get(rig.url())), "200 hello");
  rig.server.close_all();
  rig.reactor.run_ready();
  EXPECT_EQ(rig.client->idle_connections(), 0u);
}

TEST(HttpClient, DropsAKeptConnectionAtItsTimeout) {
  ClientRig rig;
  rig.server.answer(hello);
  ASSERT_EQ(text_of(rig.get(rig.url())), "200 hello");
  rig.response.reset();
  rig.pass(milliseconds(60'000));
  EXPECT_EQ(rig.client->idle_connections(), 1u);
  rig.pass(TimerWheel::resolution);
  EXPECT_EQ(rig.client->idle_connections(), 0u);
}

TEST(HttpClient, AsksOnceMoreWhenAKeptConnectionEnds) {
  for (const Then then : {Then::closes, Then::resets}) {
    ClientRig rig;
    rig.server.answer(hello);
    ASSERT_EQ(text_of(rig.get(rig.url())), "200 hello");
    rig.server.answer("", then);  // closes when it is asked again
    rig.server.answer(hello);
    EXPECT_EQ(text_of(rig.get(rig.url())), "200 hello");
    EXPECT_EQ(rig.server.connections, 2);
    EXPECT_EQ(rig.server.requests.size(), 3u);
  }
}

TEST(HttpClient, AsksOnceMoreOnlyOnce) {
  ClientRig rig;
  rig.server.answer(hello);
  ASSERT_EQ(text_of(rig.get(rig.url())), "200 hello");
  rig.server.answer("", Then::closes);
  rig.server.answer("", Then::closes);
  rig.server.answer(hello);
  EXPECT_EQ(text_of(rig.get(rig.url())), "unavailable no answer before the connection was closed");
  EXPECT_EQ(rig.server.connections, 2);
}

TEST(HttpClient, DoesNotAskOnceMoreAfterTheFirstOctet) {
  ClientRig rig;
  rig.server.answer(hello);
  ASSERT_EQ(text_of(rig.get(rig.url())), "200 hello");
  rig.server.answer("H", Then::closes);
  rig.server.answer(hello);
  EXPECT_EQ(text_of(rig.get(rig.url())), "unavailable the header ended early");
  EXPECT_EQ(rig.server.connections, 1);
}

TEST(HttpClient, KeepsAsManyConnectionsAsItMay) {
  ClientRig rig({.maximum_idle_connections = 2});
  int answered = 0;
  for (int i = 0; i < 4; ++i) {
    rig.server.answer(hello);
    start(rig.client->send({.url = *Url::parse(rig.url())}),
          [&](Result<HttpClientResponse>&& got) { answered += got.has_value(); });
  }
  for (int i = 0; i < 100'000 && answered < 4; ++i) rig.take_turns(1);
  EXPECT_EQ(answered, 4);
  EXPECT_EQ(rig.server.connections, 4);
  EXPECT_EQ(rig.client->idle_connections(), 2u);
}

TEST(HttpClient, KeepsNoneWhenTold) {
  ClientRig rig({.maximum_idle_connections = 0});
  rig.server.answer(hello);
  EXPECT_EQ(text_of(rig.get(rig.url())), "200 hello");
  EXPECT_EQ(rig.client->idle_connections(), 0u);
}

// The end of the client

TEST(HttpClient, EndsWhatIsUnderWayWhenItGoes) {
  std::promise<void> hang;
  std::shared_future<void> hanging = hang.get_future().share();
  ClientRig rig({.ca_file = authority().file(),
                 .resolve = [hanging](const std::string&) -> Result<std::vector<IpAddress>> {
                   hanging.wait();
                   return std::vector{*IpAddress::parse("127.0.0.1")};
                 }});
  std::vector<std::string> ended;
  for (const std::string& url :
       {rig.url(), "https://" + rig.server.authority(), std::string("http://slow.test/")})
    start(rig.client->send({.url = *Url::parse(url)}),
          [&](Result<HttpClientResponse>&& got) { ended.push_back(text_of(got)); });
  rig.settle();
  hang.set_value();
  rig.client.reset();
  EXPECT_THAT(ended, testing::SizeIs(3));
  EXPECT_THAT(ended, testing::Each("unavailable the HTTP client was closed"));
  rig.reactor.run_ready();
}

TEST(HttpClient, LeavesNothingBehindWhenATaskIsThrownAway) {
  ClientRig rig;
  {
    auto task = std::make_unique<Task<Result<HttpClientResponse>>>(
        rig.client->send({.url = *Url::parse("http://localhost/")}));
    struct Awaiting {
      struct promise_type {
        Awaiting get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_always final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        void unhandled_exception() const noexcept { std::terminate(); }
      };
      std::coroutine_handle<promise_type> handle;
    };
    const auto wait = [](Task<Result<HttpClientResponse>>& waited_for) -> Awaiting {
      co_await std::move(waited_for);
    };
    const Awaiting awaiting = wait(*task);
    awaiting.handle.destroy();
  }
  rig.server.answer(hello);
  EXPECT_EQ(text_of(rig.get(rig.url())), "200 hello");
}

}  // namespace
}  // namespace gatehouse::hosting
