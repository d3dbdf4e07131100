#include "gatehouse/issuer/deny_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/revocation/feed_page.h"
#include "gatehouse/stores/store.h"
#include "tests/support/fake_backchannel.h"

namespace gatehouse::issuer {
namespace {

using revocation::DenyEntry;
using revocation::DenyKind;
using revocation::DenyList;
using revocation::TokenMarks;

const std::string issuer = "https://issuer.example";

// A store that does not answer.
class FailingLog final : public stores::RevocationLog {
 public:
  Task<Result<std::uint64_t>> append(stores::Revocation) override {
    co_return fail(Failure::unavailable, "disk");
  }
  Task<Result<stores::RevocationPage>> after(std::uint64_t, Instant, std::size_t) override {
    co_return fail(Failure::unavailable, "disk");
  }
  Task<Result<std::size_t>> remove_over(Instant, std::size_t) override { co_return 0; }
};

class DenyFeedTest : public ::testing::Test {
 protected:
  std::shared_ptr<DenyFeed> make(stores::RevocationLog& on, DenyFeedOptions options = {.issuer = issuer}) {
    return DenyFeed::make(
        std::move(options), on, list,
        [this](std::chrono::milliseconds delay, std::move_only_function<void()> work) {
          backchannel.post_after(delay, std::move(work));
        },
        clock);
  }

  Result<void> revoke(DenyKind kind, std::string value) {
    return run_inline(feed->revoke(kind, std::move(value))).value();
  }

  std::optional<DenyKind> denied(DenyKind kind, std::string value, std::optional<Instant> issued = {}) const {
    TokenMarks marks{.issuer = issuer, .issued = issued};
    marks.values[static_cast<std::size_t>(kind)] = value;
    return list->find(marks, clock.now());
  }

  // One request, which may have to wait for its answer.
  struct Call {
    Call(std::string_view query_text, const Clock& on)
        : request{.query = query_text}, context(request, services, on) {}
    http::Request request;
    http::ServiceCollection services;
    http::HttpContext context;
    std::optional<http::Response> answer;

    revocation::FeedPage page() const { return revocation::parse_feed_page(answer->body, issuer).value(); }
  };
  std::unique_ptr<Call> get(std::string_view query, bool is_snapshot = false) {
    auto call = std::make_unique<Call>(query, clock);
    const http::Handler& handler = is_snapshot ? snapshot : tail;
    start(handler(call->context),
          [to = call.get()](http::Response&& answer) { to->answer = std::move(answer); });
    return call;
  }

  ::gatehouse::testing::FakeClock clock;
  test_support::FakeBackchannel backchannel{clock};
  std::shared_ptr<DenyList> list = std::make_shared<DenyList>();
  std::unique_ptr<stores::Store> store = stores::make_memory_store();
  stores::RevocationLog& log = store->revocations();
  std::shared_ptr<DenyFeed> feed = make(log);
  http::Handler tail = feed->feed_endpoint();
  http::Handler snapshot = feed->snapshot_endpoint();
};

TEST_F(DenyFeedTest, RefusesInThisProcessAtOnce) {
  ASSERT_TRUE(revoke(DenyKind::session, "s"));
  EXPECT_EQ(denied(DenyKind::session, "s"), DenyKind::session);
  ASSERT_TRUE(revoke(DenyKind::subject, "ada"));
  EXPECT_TRUE(denied(DenyKind::subject, "ada", clock.now()));
  EXPECT_FALSE(denied(DenyKind::subject, "ada", clock.now() + Seconds(1)));
}

TEST_F(DenyFeedTest, CatchesUpWithTheLog) {
  for (int i = 0; i < 2'500; ++i) ASSERT_TRUE(revoke(DenyKind::session, std::to_string(i)));
  list = std::make_shared<DenyList>();
  const auto other = make(log);
  EXPECT_EQ(list->heard(issuer), Instant::min());
  ASSERT_TRUE(run_inline(other->catch_up()).value());
  EXPECT_TRUE(denied(DenyKind::session, "0"));
  EXPECT_TRUE(denied(DenyKind::session, "2499"));
  EXPECT_EQ(list->heard(issuer), clock.now());
}

TEST_F(DenyFeedTest, SeesWhatOthersPutIntoTheLog) {
  feed->follow();
  const auto call = get("after=0&wait=25");
  run_inline(log.append({.kind = stores::Revoked::client,
                         .value = "app",
                         .until = clock.now() + Seconds(60),
                         .not_before = clock.now() + Seconds(1)}))
      .value()
      .value();
  EXPECT_FALSE(denied(DenyKind::client, "app"));
  backchannel.advance(std::chrono::milliseconds(250));
  EXPECT_TRUE(denied(DenyKind::client, "app"));
  ASSERT_TRUE(call->answer) << "followers hear of it as well";
  EXPECT_EQ(call->page().entries.at(0).entry.kind, DenyKind::client);
  backchannel.advance(Seconds(5));
  EXPECT_LE(clock.now() - list->heard(issuer), std::chrono::milliseconds(250));
}

TEST_F(DenyFeedTest, BeginsAnewWithALogThatWentBack) {
  for (const char* sid : {"a", "b"}) ASSERT_TRUE(revoke(DenyKind::session, sid));
  class Switched final : public stores::RevocationLog {
   public:
    explicit Switched(stores::RevocationLog& first) : to(&first) {}
    Task<Result<std::uint64_t>> append(stores::Revocation entry) override {
      return to->append(std::move(entry));
    }
    Task<Result<stores::RevocationPage>> after(std::uint64_t number, Instant now, std::size_t most) override {
      return to->after(number, now, most);
    }
    Task<Result<std::size_t>> remove_over(Instant before, std::size_t most) override {
      return to->remove_over(before, most);
    }
    stores::RevocationLog* to;
  } switched(log);
  const auto other = make(switched);
  ASSERT_TRUE(run_inline(other->catch_up()).value());
  const auto restored = stores::make_memory_store();
  switched.to = &restored->revocations();
  ASSERT_TRUE(run_inline(other->revoke(DenyKind::session, "c")).value());
  for (const char* sid : {"a", "b", "c"}) EXPECT_TRUE(denied(DenyKind::session, sid)) << sid;
}

TEST_F(DenyFeedTest, SaysNothingOfOthersTokens) {
  EXPECT_EQ(run_inline(feed->publish({.issuer = "https://other.example", .value = "j", .until = clock.now()}))
                .value()
                .error()
                .kind,
            Failure::issuer_invalid);
  EXPECT_EQ(revoke(DenyKind::token, "").error().kind, Failure::malformed);
  EXPECT_EQ(revoke(DenyKind::token, std::string(1'025, 'x')).error().kind, Failure::too_large);
}

TEST_F(DenyFeedTest, IsNotHeardWithAListThatTookNotAll) {
  list = std::make_shared<DenyList>(revocation::DenyListOptions{.most_entries = 1});
  const auto other = make(log);
  ASSERT_TRUE(run_inline(other->revoke(DenyKind::token, "a")).value());
  EXPECT_EQ(list->heard(issuer), clock.now());
  EXPECT_EQ(run_inline(other->revoke(DenyKind::token, "b")).value().error().kind, Failure::overloaded);
  EXPECT_EQ(list->heard(issuer), Instant::min());
  clock.advance(Seconds(661));
  ASSERT_TRUE(run_inline(other->revoke(DenyKind::token, "c")).value()) << "there is room again";
  EXPECT_EQ(list->heard(issuer), clock.now());
}

TEST_F(DenyFeedTest, DoesNotSayThatItRevokedWhatIsInNoLog) {
  FailingLog failing;
  const auto other = make(failing);
  EXPECT_EQ(run_inline(other->revoke(DenyKind::token, "a")).value().error().kind, Failure::unavailable);
  EXPECT_FALSE(denied(DenyKind::token, "a"));
  EXPECT_EQ(run_inline(other->catch_up()).value().error().kind, Failure::unavailable);
}

TEST_F(DenyFeedTest, AnswersWithWhatComesAfter) {
  for (const char* sid : {"a", "b", "c"}) ASSERT_TRUE(revoke(DenyKind::session, sid));
  const auto call = get("after=1&wait=25");
  ASSERT_TRUE(call->answer) << "there is something to tell";
  EXPECT_EQ(call->answer->status, 200);
  EXPECT_EQ(call->answer->headers.find("Cache-Control"), "no-store");
  const auto page = call->page();
  EXPECT_TRUE(page.is_complete());
  EXPECT_EQ(page.head, 3u);
  ASSERT_EQ(page.entries.size(), 2u);
  EXPECT_EQ(page.entries[0].entry.value, "b");
}

TEST_F(DenyFeedTest, WaitsForSomethingToTell) {
  const auto call = get("after=0&wait=25");
  EXPECT_FALSE(call->answer);
  ASSERT_TRUE(revoke(DenyKind::key, "k1"));
  ASSERT_TRUE(call->answer);
  EXPECT_EQ(call->page().entries.at(0).entry.kind, DenyKind::key);
}

TEST_F(DenyFeedTest, AnswersWithItsHeadWhenTheWaitIsOver) {
  const auto call = get("after=0&wait=3");
  backchannel.advance(std::chrono::milliseconds(2'999));
  EXPECT_FALSE(call->answer);
  backchannel.advance(std::chrono::milliseconds(1));
  ASSERT_TRUE(call->answer);
  EXPECT_EQ(call->page().head, 0u);
  EXPECT_TRUE(call->page().entries.empty());
}

TEST_F(DenyFeedTest, WaitsNoLongerThanItsCap) {
  const auto call = get("after=0&wait=3600");
  backchannel.advance(Seconds(25));
  EXPECT_TRUE(call->answer);
}

TEST_F(DenyFeedTest, LetsOnlySoManyWait) {
  const auto other = make(log, {.issuer = issuer, .most_waiting = 1});
  tail = other->feed_endpoint();
  const auto one = get("after=0&wait=3"), two = get("after=0&wait=3");
  EXPECT_FALSE(one->answer);
  EXPECT_TRUE(two->answer);
  backchannel.advance(Seconds(3));
}

TEST_F(DenyFeedTest, HoldsNobodyWithoutTimers) {
  const auto other = DenyFeed::make({.issuer = issuer}, log, list, {}, clock);
  other->follow();
  tail = other->feed_endpoint();
  EXPECT_TRUE(get("after=0&wait=3")->answer);
}

struct NoWait {
  const char* query;
  bool is_snapshot;
};

TEST_F(DenyFeedTest, KeepsNobodyWaitingWhoHasToKnowNow) {
  for (const NoWait& test : {NoWait{"after=0&wait=0", false}, NoWait{"after=0", false}, NoWait{"", false},
                             NoWait{"after=0&wait=25&epoch=another", false}, NoWait{"after=7&wait=25", false},
                             NoWait{"after=0&wait=25", true}})
    EXPECT_TRUE(get(test.query, test.is_snapshot)->answer) << test.query;
}

TEST_F(DenyFeedTest, ShowsWhoIsAheadThatItIs) {
  ASSERT_TRUE(revoke(DenyKind::session, "a"));
  const auto page = get("after=7&wait=25")->page();
  EXPECT_EQ(page.head, 1u);
  EXPECT_EQ(page.after, 7u);
  EXPECT_TRUE(page.entries.empty());
}

TEST_F(DenyFeedTest, MakesPagesThatFollowersTake) {
  for (int i = 0; i < 1'000; ++i)
    ASSERT_TRUE(revoke(DenyKind::token, std::string(1'000, 'x') + std::to_string(i)));
  std::uint64_t after = 0, entries = 0;
  while (after < 1'000) {
    const auto page = get("after=" + std::to_string(after), true)->page();  // parse_feed_page() has its caps
    ASSERT_TRUE(page.is_complete());
    ASSERT_GT(page.through, after);
    entries += page.entries.size();
    after = page.through;
  }
  EXPECT_EQ(entries, 1'000u);
}

TEST_F(DenyFeedTest, RefusesNumbersThatAreNone) {
  for (const char* query : {"after=x", "after=-1", "after=", "wait=x&after=0", "after=99999999999999999999"})
    EXPECT_EQ(get(query)->answer->status, 400) << query;
}

TEST_F(DenyFeedTest, SaysWhenItCannotAnswer) {
  FailingLog failing;
  const auto other = make(failing);
  tail = other->feed_endpoint();
  const auto call = get("after=0&wait=3");
  ASSERT_TRUE(call->answer);
  EXPECT_EQ(call->answer->status, 503);
}

}  // namespace
}  // namespace gatehouse::issuer
