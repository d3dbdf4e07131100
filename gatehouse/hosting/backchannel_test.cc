#include "gatehouse/hosting/backchannel.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <thread>

#include "gatehouse/hosting/http_client_test_support.h"

namespace gatehouse::hosting {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::StartsWith;

const std::string hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

std::ptrdiff_t count_threads() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
}

class Backchannels : public testing::Test {
 protected:
  HttpClientRequest request() const { return {.url = *Url::parse("http://" + server.authority())}; }

  /// Lets the server take its turns until `is_done()`, for at most ten seconds.
  template <class IsDone>
  bool serve_until(IsDone is_done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!is_done()) {
      if (std::chrono::steady_clock::now() > end) return false;
      server.step();
      std::this_thread::yield();
    }
    return true;
  }

  SystemClock clock;
  ScriptedServer server;
  std::unique_ptr<Backchannel> channel = *Backchannel::make(clock, {});
};

TEST_F(Backchannels, GoOnOnTheirThreadForWhoHasNone) {
  server.answer(hello);
  std::atomic<bool> is_done = false;
  std::string text;
  std::thread::id thread;
  start(channel->send(request()), [&](Result<HttpClientResponse>&& got) {
    text = text_of(got);
    thread = std::this_thread::get_id();
    is_done = true;
  });
  ASSERT_TRUE(serve_until([&] { return is_done.load(); }));
  EXPECT_EQ(text, "200 hello");
  EXPECT_NE(thread, std::this_thread::get_id());
}

TEST_F(Backchannels, GoOnOnTheReactorOfWhoHasOne) {
  server.answer(hello);
  Reactor reactor(clock, Reactor::Ticking::by_hand);
  std::string text;
  std::thread::id thread;
  reactor.post([&] {
    start(channel->send(request()), [&](Result<HttpClientResponse>&& got) {
      text = text_of(got);
      thread = std::this_thread::get_id();
      EXPECT_EQ(Executor::current(), &reactor);
    });
  });
  ASSERT_TRUE(serve_until([&] {
    reactor.run_ready();
    return !text.empty();
  }));
  EXPECT_EQ(text, "200 hello");
  EXPECT_EQ(thread, std::this_thread::get_id());
}

TEST_F(Backchannels, AreAskedByManyThreads) {
  constexpr int threads = 4;
  constexpr int times = 5;
  for (int i = 0; i < threads * times; ++i) server.answer(hello);
  std::atomic<int> answered = 0;
  std::vector<std::thread> askers;
  for (int i = 0; i < threads; ++i)
    askers.emplace_back([&] {
      for (int k = 0; k < times; ++k)
        start(channel->send(request()),
              [&](Result<HttpClientResponse>&& got) { answered += text_of(got) == "200 hello"; });
    });
  for (std::thread& asker : askers) asker.join();
  EXPECT_TRUE(serve_until([&] { return answered == threads * times; }));
}

TEST_F(Backchannels, AreAskedByWhomTheyAnswered) {
  server.answer(hello);
  server.answer(hello);
  std::atomic<bool> is_done = false;
  std::string text;
  start(channel->send(request()), [&](Result<HttpClientResponse>&&) {
    start(channel->send(request()), [&](Result<HttpClientResponse>&& got) {
      text = text_of(got);
      is_done = true;
    });
  });
  ASSERT_TRUE(serve_until([&] { return is_done.load(); }));
  EXPECT_EQ(text, "200 hello");
}

TEST_F(Backchannels, StartTheirThreadAtTheFirstUse) {
  std::thread([] {}).join();  // with the first thread a sanitizer may start one of its own
  const auto before = count_threads();
  const auto unused = *Backchannel::make(clock, {});
  EXPECT_EQ(count_threads(), before);
  unused->post_after(milliseconds(0), [] {});
  EXPECT_EQ(count_threads(), before + 1);
}

TEST_F(Backchannels, EndWhatIsUnderWay) {
  Reactor reactor(clock, Reactor::Ticking::by_hand);
  std::string here;
  std::string there;
  reactor.post([&] {
    start(channel->send(request()), [&](Result<HttpClientResponse>&& got) { here = text_of(got); });
  });
  reactor.run_ready();
  Backchannel& used = *channel;
  std::thread::id thread;
  start(used.send(request()), [&](Result<HttpClientResponse>&& got) {
    there = text_of(got);
    thread = std::this_thread::get_id();
    start(used.send(request()), [&](Result<HttpClientResponse>&& late) { there += ", " + text_of(late); });
  });
  ASSERT_TRUE(serve_until([&] { return server.requests.size() == 2; }));
  channel.reset();
  reactor.run_ready();
  EXPECT_EQ(here, "unavailable the HTTP client was closed");
  EXPECT_EQ(there, "unavailable the HTTP client was closed, unavailable the backchannel was closed");
  EXPECT_NE(thread, std::this_thread::get_id()) << "who has no executor goes on on the backchannel's thread";
}

// However far it had come: not even on the thread yet, looking for a connection, or waiting for an answer.
TEST_F(Backchannels, LeaveNobodyWaiting) {
  for (int i = 0; i < 50; ++i) {
    std::atomic<int> ended = 0;
    {
      const auto short_lived = *Backchannel::make(clock, {});
      for (int k = 0; k < 3; ++k)
        start(short_lived->send(request()), [&](Result<HttpClientResponse>&& got) { ended += !got; });
    }
    ASSERT_EQ(ended, 3);
  }
}

TEST_F(Backchannels, RunWhatIsPostedAfterItsTime) {
  std::atomic<int> ran = 0;
  std::string order;
  const auto begun = std::chrono::steady_clock::now();
  channel->post_after(milliseconds(200), [&] { order += "b", ++ran; });
  channel->post_after(milliseconds(0), [&] { order += "a", ++ran; });
  ASSERT_TRUE(serve_until([&] { return ran == 2; }));
  EXPECT_EQ(order, "ab");
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(200));
}

TEST_F(Backchannels, ThrowAwayWhatIsNotDueAtTheEnd) {
  auto held = std::make_shared<int>();
  bool has_run = false;
  channel->post_after(std::chrono::hours(1), [held, &has_run] { has_run = true; });
  channel.reset();
  EXPECT_FALSE(has_run);
  EXPECT_EQ(held.use_count(), 1);
}

std::string text_of(const Result<discovery::DocumentResponse>& got) {
  if (!got) return fmt::format("{} {}", code(got.error().kind), got.error().subject);
  return fmt::format("{} '{}' {} {}", got->status, got->body, got->etag, got->cache_control);
}

TEST_F(Backchannels, FetchDocumentsForAuthorities) {
  server.answer("HTTP/1.1 200 OK\r\nETag: \"2\"\r\nCache-Control: max-age=60\r\nContent-Length: 2\r\n\r\n{}");
  const auto lent = channel->lend();
  std::atomic<bool> is_done = false;
  std::string text;
  start(lent->fetch({.url = request().url, .etag = "\"1\""}), [&](Result<discovery::DocumentResponse>&& got) {
    text = text_of(got);
    is_done = true;
  });
  ASSERT_TRUE(serve_until([&] { return is_done.load(); }));
  EXPECT_EQ(text, "200 '{}' \"2\" max-age=60");
  EXPECT_THAT(server.requests.front(), HasSubstr("If-None-Match: \"1\"\r\n"));
  EXPECT_THAT(server.requests.front(), HasSubstr("Accept: application/json\r\n"));
}

TEST_F(Backchannels, PostFormsForWhoeverTheyAreLentTo) {
  server.answer(hello);
  std::atomic<bool> is_done = false;
  start(channel->lend()->fetch({.url = request().url, .authorization = "Basic x", .form = "a=b"}),
        [&](Result<discovery::DocumentResponse>&& got) { is_done = got && got->body == "hello"; });
  ASSERT_TRUE(serve_until([&] { return is_done.load(); }));
  EXPECT_THAT(server.requests.at(0), StartsWith("POST "));
  EXPECT_THAT(server.requests.at(0), HasSubstr("Content-Type: application/x-www-form-urlencoded\r\n"));
  EXPECT_THAT(server.requests.at(0), testing::EndsWith("\r\n\r\na=b"));
}

TEST_F(Backchannels, KeepTheRuleOfPublicAddresses) {
  std::atomic<bool> is_done = false;
  std::string text;
  start(channel->lend()->fetch({.url = request().url, .public_addresses_only = true}),
        [&](Result<discovery::DocumentResponse>&& got) {
          text = text_of(got);
          is_done = true;
        });
  ASSERT_TRUE(serve_until([&] { return is_done.load(); }));
  EXPECT_EQ(text, "address_not_allowed 127.0.0.1");
  EXPECT_EQ(server.connections, 0);
}

// The last one to whom it was lent may be its own thread, in the middle of a fetch.
TEST_F(Backchannels, AreOutlivedByWhomTheyWereLentTo) {
  auto lent = channel->lend();
  discovery::Backchannel& borrowed = *lent;
  std::string text;
  start(borrowed.fetch({.url = request().url}),
        [&, kept = std::move(lent)](Result<discovery::DocumentResponse>&& got) { text = text_of(got); });
  ASSERT_TRUE(serve_until([&] { return server.requests.size() == 1; }));
  lent = channel->lend();
  channel.reset();
  EXPECT_EQ(text, "unavailable the HTTP client was closed");
  bool has_run = false;
  lent->post_after(milliseconds(0), [&] { has_run = true; });
  start(lent->fetch({.url = request().url}),
        [&](Result<discovery::DocumentResponse>&& got) { text = text_of(got); });
  EXPECT_EQ(text, "unavailable the backchannel was closed");
  EXPECT_FALSE(has_run);
}

TEST(Backchannel, NamesTheOptionThatIsWrong) {
  const SystemClock clock;
  const auto made = Backchannel::make(clock, {.ca_file = "/nowhere/ca.pem"});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, Failure::configuration_invalid);
  EXPECT_THAT(made.error().subject, StartsWith("ca_file: "));
}

}  // namespace
}  // namespace gatehouse::hosting
