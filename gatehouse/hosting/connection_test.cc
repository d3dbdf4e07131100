#include "gatehouse/hosting/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <coroutine>
#include <thread>

#include "gatehouse/hosting/connection_test_support.h"

namespace gatehouse::hosting {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Connection, AnswersInOnePiece) {
  Engine engine;
  Peer peer = engine.connect();
  EXPECT_THAT(engine.ask(peer, get_root),
              testing::MatchesRegex("HTTP/1.1 200 OK\r\nDate: Thu, 28 May 2026 20:26:40 GMT\r\nContent-Type: "
                                    "text/plain; charset=utf-8\r\nContent-Length: 5\r\ntraceparent: "
                                    "00-[0-9a-f]{32}-[0-9a-f]{16}-00\r\n\r\nhello"));
  EXPECT_EQ(status_lines(engine.ask(peer, get_root)), "200 OK") << "and the connection stays";
  EXPECT_EQ(engine.connections.counters().served.get(), 2u);
}

TEST(Connection, ContinuesTheTraceOfTheRequest) {
  Engine engine;
  Peer peer = engine.connect();
  const std::string answer = engine.ask(peer,
                                        "GET / HTTP/1.1\r\nHost: a\r\ntraceparent: "
                                        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-"));
}

TEST(Connection, GivesTheRequestToThePipeline) {
  Engine engine;
  std::string seen;
  engine.map("POST", "/echo/{id}", [&](http::HttpContext& context) {
    seen = std::string(context.request.remote_address) + " " + std::string(context.request.host) + " " +
           std::string(context.request.query) + " " + std::string(context.request.body) + " " +
           std::string(context.route.get("id")) + (context.request.is_https ? " https" : " http");
    EXPECT_EQ(Executor::current(), &engine.reactor);
    return http::results::no_content();
  });
  Peer peer = engine.connect();
  EXPECT_EQ(status_lines(
                engine.ask(peer, "POST /echo/7?q=1 HTTP/1.1\r\nHost: b:80\r\nContent-Length: 2\r\n\r\nhi")),
            "204 No Content");
  EXPECT_EQ(seen, "192.0.2.7 b:80 q=1 hi 7 http");
}

TEST(Connection, AnswersRequestsInARowInTheirOrder) {
  Engine engine;
  engine.map("GET", "/{id:int}", [](http::HttpContext& context) {
    return http::results::text(std::string(context.route.get("id")));
  });
  Peer peer = engine.connect();
  std::string requests;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    expected += std::to_string(i) + ";";
  }
  peer.send(requests);
  std::string bodies;
  for (int i = 0; i < 100; ++i) {
    engine.run();
    const std::string answers = peer.receive();
    for (std::size_t at = answers.find("\r\n\r\n"); at != std::string::npos;
         at = answers.find("\r\n\r\n", at + 4))
      bodies += answers.substr(at + 4, answers.find("HTTP", at + 4) - at - 4) + ";";
  }
  EXPECT_TRUE(bodies == expected) << bodies.size() << " octets instead of " << expected.size();
}

TEST(Connection, PutsARequestTogetherFromSingleOctets) {
  Engine engine;
  Peer peer = engine.connect();
  const std::string request =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n" + get_root;
  std::string answers;
  for (const char octet : request) answers += engine.ask(peer, std::string_view(&octet, 1));
  EXPECT_EQ(status_lines(answers), "405 Method Not Allowed, 200 OK");
}

TEST(Connection, TakesALargeBody) {
  Engine engine;
  std::size_t size = 0;
  engine.map("POST", "/big", [&](http::HttpContext& context) {
    size = context.request.body.size();
    return http::results::ok();
  });
  Peer peer = engine.connect();
  peer.send("POST /big HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n");
  std::string answers;
  for (int i = 0; i < 32; ++i) answers += engine.ask(peer, std::string(32 * 1024, 'x'));
  EXPECT_EQ(status_lines(answers), "200 OK");
  EXPECT_EQ(size, 1048576u);
}

struct EndCase {
  const char* name;
  std::string raw;
  std::string expected;  // the status of each answer
  bool closes;
};

const EndCase end_cases[] = {
    {"StaysAfterAnOrdinaryRequest", get_root, "200 OK", false},
    {"ClosesWhenTheClientSaysSo", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + get_root,
     "200 OK", true},
    {"ClosesAfterVersion10", "GET / HTTP/1.0\r\n\r\n" + get_root, "200 OK", true},
    {"StaysWithVersion10WhenAsked", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "200 OK", false},
    {"StaysAfterNotFound", "GET /none HTTP/1.1\r\nHost: a\r\n\r\n", "404 Not Found", false},
    {"ServesHeadWithoutABody", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get_root,
     "405 Method Not Allowed, 200 OK", false},
    {"ClosesAfterWhatItCannotRead", "GET / HTTP/1.1\r\n\r\n" + get_root, "400 Bad Request", true},
    {"ClosesAfterTwoLengths",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\n" + get_root,
     "400 Bad Request", true},
    {"ClosesAfterLengthAndChunks",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
         get_root,
     "400 Bad Request", true},
    {"ClosesAfterABadChunk",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n" + get_root,
     "400 Bad Request", true},
    {"ClosesAfterTooLargeABody", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n" + get_root,
     "413 Content Too Large", true},
    {"ClosesAfterTooLongALine", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n",
     "414 URI Too Long", true},
    {"ClosesAfterTooLargeAHeader", "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(33000, 'a') + "\r\n\r\n",
     "431 Request Header Fields Too Large", true},
    {"ClosesAfterThePrefaceOfHttp2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 Bad Request", true},
    {"ClosesAfterAnUnknownVersion", "GET / HTTP/3.0\r\nHost: a\r\n\r\n" + get_root,
     "505 HTTP Version Not Supported", true},
    {"ReadsABodyThatNobodyWanted",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 27\r\n\r\n" + get_root + get_root,
     "405 Method Not Allowed, 200 OK", false},
};

class ConnectionEnd : public testing::TestWithParam<EndCase> {};

TEST_P(ConnectionEnd, IsAsTheTableSays) {
  Engine engine;
  Peer peer = engine.connect();
  EXPECT_EQ(status_lines(engine.ask(peer, GetParam().raw)), GetParam().expected);
  EXPECT_EQ(peer.is_closed(), GetParam().closes);
  EXPECT_EQ(engine.rejected.size(), engine.connections.counters().rejected.get());
  peer.close();
  engine.run();
  EXPECT_EQ(engine.connections.size(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Rfc9112, ConnectionEnd, testing::ValuesIn(end_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Connection, TellsOfARequestThatItRejects) {
  Engine engine;
  Peer peer = engine.connect();
  EXPECT_THAT(engine.ask(peer, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
              HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(engine.rejected, ElementsAre("400 host_invalid 192.0.2.7"));
  EXPECT_EQ(engine.handled, 0);
}

TEST(Connection, SendsTheAnswerAfterTheClientHasFinishedSending) {
  Engine engine;
  Peer peer = engine.connect();
  peer.send(get_root);
  peer.finish_sending();
  engine.run();
  EXPECT_EQ(status_lines(peer.receive()), "200 OK");
  EXPECT_TRUE(peer.is_closed());
  EXPECT_EQ(engine.connections.size(), 0u);
}

TEST(Connection, SaysContinueBeforeTheBodyIsSent) {
  Engine engine;
  Peer peer = engine.connect();
  EXPECT_EQ(
      engine.ask(peer, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"),
      "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(engine.ask(peer, "hell"), "");
  EXPECT_EQ(status_lines(engine.ask(peer, "o")), "405 Method Not Allowed");
}

TEST(Connection, DoesNotSayContinueToWhatIsTooLarge) {
  Engine engine;
  Peer peer = engine.connect();
  EXPECT_EQ(
      status_lines(engine.ask(
          peer, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1048577\r\n\r\n")),
      "413 Content Too Large");
}

TEST(Connection, ReplacesAnAnswerThatWouldForgeAnother) {
  Engine engine;
  engine.map("GET", "/bad", [] { return http::results::redirect("/a\r\nSet-Cookie: admin=1", 302); });
  Peer peer = engine.connect();
  const std::string answer = engine.ask(peer, "GET /bad HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 Internal Server Error\r\n"));
  EXPECT_THAT(answer, testing::Not(HasSubstr("admin")));
  EXPECT_EQ(engine.connections.counters().defects.get(), 1u);
}

TEST(Connection, EndsWhenTheEndpointWantsItTo) {
  Engine engine;
  engine.map("GET", "/bye", [] {
    http::Response response;
    response.headers.append("Connection", "close");
    return response;
  });
  Peer peer = engine.connect();
  EXPECT_THAT(engine.ask(peer, "GET /bye HTTP/1.1\r\nHost: a\r\n\r\n"),
              HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_TRUE(peer.is_closed());
}

TEST(Connection, IsTurnedAwayAboveTheCap) {
  Engine engine;
  engine.service.limits.connections_per_reactor = 2;
  Peer first = engine.connect();
  Peer second = engine.connect();
  Peer third = engine.connect();
  EXPECT_TRUE(third.is_closed());
  EXPECT_EQ(status_lines(engine.ask(second, get_root)), "200 OK");
  EXPECT_EQ(engine.connections.counters().turned_away.get(), 1u);
}

// A pipeline that waits until the test lets it go on.
class Waiting : public testing::Test {
 protected:
  struct Pause {
    std::coroutine_handle<>& place;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller) const noexcept { place = caller; }
    void await_resume() const noexcept {}
  };
  Waiting() {
    engine.map("GET", "/wait", [this](http::HttpContext& context) -> Task<http::Response> {
      const Pause pause{paused};
      co_await pause;
      resumed_on = Executor::current();
      co_return http::results::text(std::string(context.request.header("X-Name").value_or("none")));
    });
  }
  const std::string wait_for_it = "GET /wait HTTP/1.1\r\nHost: a\r\nX-Name: value\r\n\r\n";
  Engine engine;
  std::coroutine_handle<> paused;
  Executor* resumed_on = nullptr;
};

TEST_F(Waiting, KeepsItsRequestWhileMoreComesIn) {
  Peer peer = engine.connect();
  EXPECT_EQ(engine.ask(peer, wait_for_it), "");
  EXPECT_EQ(engine.ask(peer, get_root + get_root), "") << "answers keep the order of the requests";
  paused.resume();
  engine.run();
  const std::string answers = peer.receive();
  EXPECT_EQ(status_lines(answers), "200 OK, 200 OK, 200 OK");
  EXPECT_THAT(answers, HasSubstr("\r\n\r\nvalueHTTP/1.1"));
}

TEST_F(Waiting, AnswersOnTheReactorWhereverItWasResumed) {
  Peer peer = engine.connect();
  engine.ask(peer, wait_for_it);
  std::thread([this] { paused.resume(); }).join();
  EXPECT_EQ(peer.receive(), "") << "the stray thread must not touch the connection";
  engine.run();
  EXPECT_EQ(status_lines(peer.receive()), "200 OK");
}

TEST_F(Waiting, SurvivesAClientThatLeaves) {
  Peer peer = engine.connect();
  engine.ask(peer, wait_for_it);
  peer.close();
  engine.run();
  paused.resume();
  engine.run();
  EXPECT_EQ(engine.connections.size(), 0u);
}

TEST_F(Waiting, IsNotCutOffByADeadline) {
  Peer peer = engine.connect();
  engine.ask(peer, wait_for_it);
  engine.pass(std::chrono::minutes(5));
  paused.resume();
  engine.run();
  EXPECT_EQ(status_lines(peer.receive()), "200 OK");
}

TEST_F(Waiting, IsFinishedBeforeTheServerIs) {
  Peer idle = engine.connect();
  Peer busy = engine.connect();
  engine.ask(busy, wait_for_it);
  bool is_none = false;
  engine.connections.finish([&] { is_none = true; });
  engine.run();
  EXPECT_TRUE(idle.is_closed());
  EXPECT_FALSE(is_none);
  Peer late = engine.connect();
  EXPECT_TRUE(late.is_closed());

  paused.resume();
  engine.run();
  EXPECT_THAT(busy.receive(), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_TRUE(busy.is_closed());
  EXPECT_TRUE(is_none);
}

TEST_F(Waiting, IsDroppedWhenItTakesTooLong) {
  Peer reading = engine.connect();
  engine.ask(reading, "GET / HT");
  Peer busy = engine.connect();
  engine.ask(busy, wait_for_it);
  bool is_none = false;
  engine.connections.finish([&] { is_none = true; });
  engine.run();
  EXPECT_FALSE(is_none);
  engine.connections.abandon();
  engine.run();
  EXPECT_TRUE(is_none);
  EXPECT_TRUE(reading.is_closed());
  EXPECT_TRUE(busy.is_closed());
  EXPECT_EQ(engine.connections.counters().dropped.get(), 1u);
  EXPECT_EQ(engine.connections.running(), 1u);
  paused.resume();  // whoever worked on it comes back after all
  engine.run();
  EXPECT_EQ(engine.connections.size(), 0u);
}

// Deadlines. Each row sends its steps, with time between them, and says when the connection has ended.
struct DeadlineCase {
  const char* name;
  std::vector<std::string> steps;   // sent one by one,
  std::chrono::milliseconds apart;  // so far apart
  std::chrono::milliseconds lives;  // after the last step it is still there for this long
  std::string expected;             // every status that came
};

using std::chrono::milliseconds;

const DeadlineCase deadline_cases[] = {
    {"OfAClientThatSendsNothing", {}, milliseconds(0), milliseconds(10'000), ""},
    {"OfAHeader", {"GET / HTTP/1.1\r\n"}, milliseconds(0), milliseconds(10'000), "408 Request Timeout"},
    {"OfAHeaderInDrops",
     {"G", "E", "T", " ", "/"},
     milliseconds(2'000),
     milliseconds(2'000),
     "408 Request Timeout"},
    {"OfABody",
     {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"},
     milliseconds(0),
     milliseconds(30'000),
     "408 Request Timeout"},
    {"OfABodyInDrops",
     {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n", "a", "b", "c"},
     milliseconds(9'000),
     milliseconds(3'000),
     "408 Request Timeout"},
    {"OfAnIdleConnection", {get_root}, milliseconds(0), milliseconds(75'000), "200 OK"},
    {"OfASecondHeader",
     {get_root, "GET"},
     milliseconds(60'000),
     milliseconds(10'000),
     "200 OK, 408 Request Timeout"},
};

class Deadlines : public testing::TestWithParam<DeadlineCase> {};

TEST_P(Deadlines, AreKept) {
  Engine engine;
  Peer peer = engine.connect();
  std::string answers;
  for (std::size_t i = 0; i < GetParam().steps.size(); ++i) {
    if (i > 0) engine.pass(GetParam().apart);
    answers += engine.ask(peer, GetParam().steps[i]);
  }
  engine.pass(GetParam().lives);
  answers += peer.receive();
  EXPECT_EQ(engine.connections.size(), 1u);
  EXPECT_FALSE(peer.is_closed());
  engine.pass(TimerWheel::resolution);
  answers += peer.receive();
  EXPECT_TRUE(peer.is_closed());
  EXPECT_EQ(status_lines(answers), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Connection, Deadlines, testing::ValuesIn(deadline_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Deadline, OfAClientThatDoesNotReadItsAnswer) {
  Engine engine;
  engine.map("GET", "/big", [] { return http::results::text(std::string(4 << 20, 'x')); });
  Peer peer = engine.connect();
  peer.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  engine.run();
  engine.pass(milliseconds(30'000));
  EXPECT_EQ(engine.connections.size(), 1u);
  engine.pass(TimerWheel::resolution);
  EXPECT_EQ(engine.connections.size(), 0u);
}

TEST(Deadline, IsMovedByAClientThatReadsOn) {
  Engine engine;
  engine.map("GET", "/big", [] { return http::results::text(std::string(4 << 20, 'x')); });
  Peer peer = engine.connect();
  peer.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  engine.run();
  std::size_t size = 0;
  for (int i = 0; i < 100; ++i) {
    size += peer.receive().size();
    engine.pass(milliseconds(5'000));
  }
  EXPECT_GT(size, std::size_t{4 << 20});
  EXPECT_EQ(engine.connections.counters().served.get(), 1u);
}

TEST(Deadline, OfAClientThatSendsOnAfterTheLastAnswer) {
  Engine engine;
  Peer peer = engine.connect();
  EXPECT_EQ(status_lines(engine.ask(peer, "BAD\r\n\r\n")), "400 Bad Request");
  for (int i = 0; i < 49; ++i) {
    peer.send("more");
    engine.pass(milliseconds(100));
  }
  EXPECT_EQ(engine.connections.size(), 1u) << "an early end would take the answer back";
  engine.pass(milliseconds(200));
  EXPECT_EQ(engine.connections.size(), 0u);
}

}  // namespace
}  // namespace gatehouse::hosting
