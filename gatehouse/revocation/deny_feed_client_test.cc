#include "gatehouse/revocation/deny_feed_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/fake_backchannel.h"

namespace gatehouse::revocation {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string issuer = "https://issuer.example";
const std::string snapshot = issuer + "/feeds/deny/snapshot?after=0";

std::string tail(int after, const std::string& epoch = "e1") {
  return issuer + "/feeds/deny?after=" + std::to_string(after) + "&wait=3&epoch=" + epoch;
}

class DenyFeedClientTest : public ::testing::Test {
 protected:
  void answer(const std::string& url, int after, int through,
              std::vector<std::pair<int, std::string>> sessions, const std::string& epoch = "e1") {
    std::string entries;
    for (const auto& [seq, sid] : sessions)
      entries += (entries.empty() ? "" : ",") + std::string(R"({"seq":)") + std::to_string(seq) +
                 R"(,"entry":{"kind":"sid","value":")" + sid + R"(","until":1900000000}})";
    const auto expired = through - after - static_cast<int>(sessions.size());
    backchannel->documents[url] = {.status = 200,
                                   .body = R"({"epoch":")" + epoch + R"(","head":)" +
                                           std::to_string(through) + R"(,"after":)" + std::to_string(after) +
                                           R"(,"through":)" + std::to_string(through) + R"(,"expired":)" +
                                           std::to_string(expired) + R"(,"entries":[)" + entries + "]}"};
  }

  std::shared_ptr<DenyFeedClient> follow(DenyFeedClientOptions options = {.issuer = issuer}) {
    auto client = DenyFeedClient::make(std::move(options), list, backchannel, clock).value();
    client->jitter = [] { return 0.0; };
    client->on_event = [this](const DenyFeedEvent& event) { events.emplace_back(name(event.kind)); };
    client->start();
    return client;
  }

  bool is_denied(std::string_view sid) const {
    TokenMarks marks{.issuer = issuer};
    marks.values[static_cast<std::size_t>(DenyKind::session)] = sid;
    return list->find(marks, clock->now()).has_value();
  }

  std::shared_ptr<::gatehouse::testing::FakeClock> clock =
      std::make_shared<::gatehouse::testing::FakeClock>();
  std::shared_ptr<test_support::FakeBackchannel> backchannel =
      std::make_shared<test_support::FakeBackchannel>(*clock);
  std::shared_ptr<DenyList> list = std::make_shared<DenyList>();
  std::vector<std::string> events;
};

TEST_F(DenyFeedClientTest, TakesTheSnapshotAndThenWhatComes) {
  answer(snapshot, 0, 2, {{1, "a"}, {2, "b"}});
  answer(tail(2), 2, 2, {});
  const auto client = follow();
  EXPECT_THAT(backchannel->fetched, ElementsAre(snapshot, tail(2)));
  EXPECT_TRUE(is_denied("a"));
  EXPECT_TRUE(is_denied("b"));
  EXPECT_FALSE(is_denied("c"));
  EXPECT_EQ(list->heard(issuer), clock->now());

  answer(tail(2), 2, 3, {{3, "c"}});
  answer(tail(3), 3, 3, {});
  backchannel->advance(std::chrono::milliseconds(100));
  EXPECT_TRUE(is_denied("c"));
  EXPECT_EQ(client->status().position, 3u);
  EXPECT_EQ(client->status().heard, clock->now());
  EXPECT_FALSE(client->status().is_failing);
  EXPECT_TRUE(events.empty());
}

TEST_F(DenyFeedClientTest, SaysHowLongItWaitsAndGivesTheWayItsTime) {
  answer(snapshot, 0, 0, {});
  const auto client = follow();
  ASSERT_EQ(backchannel->requests.size(), 2u);
  EXPECT_EQ(backchannel->requests[0].timeout, Seconds(5));
  EXPECT_EQ(backchannel->requests[1].timeout, Seconds(8));
}

TEST_F(DenyFeedClientTest, IsAsOldAsItsQuestion) {
  answer(snapshot, 0, 0, {});
  backchannel->holds = true;
  const auto client = follow();
  const Instant asked = clock->now();
  clock->advance(Seconds(4));
  backchannel->release();
  EXPECT_EQ(list->heard(issuer), asked);
  backchannel->holds = false;
  backchannel->release();
}

TEST_F(DenyFeedClientTest, ForgetsNothingWhenTheFeedDies) {
  answer(snapshot, 0, 1, {{1, "a"}});
  const auto client = follow();
  const Instant heard = list->heard(issuer);
  backchannel->is_down = true;
  backchannel->advance(std::chrono::hours(1));
  EXPECT_TRUE(is_denied("a"));
  EXPECT_EQ(list->heard(issuer), heard);
  EXPECT_TRUE(client->status().is_failing);
  EXPECT_THAT(client->status().failure, HasSubstr("cannot connect"));
  EXPECT_THAT(events, ElementsAre("failed"));

  backchannel->is_down = false;
  answer(tail(1), 1, 3, {{2, "b"}, {3, "c"}});
  answer(tail(3), 3, 3, {});
  backchannel->advance(Seconds(5));
  EXPECT_TRUE(is_denied("b")) << "what happened meanwhile is had afterwards";
  EXPECT_THAT(events, ElementsAre("failed", "recovered"));
  EXPECT_LT(clock->now() - list->heard(issuer), Seconds(1));
}

TEST_F(DenyFeedClientTest, KeepsWhatItKnowsOfAnIssuerThatWasRestored) {
  answer(snapshot, 0, 2, {{1, "a"}, {2, "b"}});
  answer(tail(2), 2, 2, {}, "e2");
  answer(snapshot + "&epoch=e2", 0, 1, {{1, "z"}}, "e2");
  answer(tail(1, "e2"), 1, 1, {}, "e2");
  const auto client = follow();
  backchannel->advance(Seconds(1));
  EXPECT_THAT(events, ElementsAre("restarted"));
  EXPECT_TRUE(is_denied("a"));
  EXPECT_TRUE(is_denied("z"));
  EXPECT_EQ(client->status().position, 1u);
}

TEST_F(DenyFeedClientTest, MendsAGap) {
  answer(snapshot, 0, 1, {{1, "a"}});
  answer(tail(1), 1, 3, {{3, "c"}});
  backchannel->documents[tail(1)].body.replace(backchannel->documents[tail(1)].body.find("\"expired\":1"), 11,
                                               "\"expired\":0");
  answer(tail(3), 3, 3, {});
  const auto client = follow();
  EXPECT_THAT(events, ElementsAre("gap"));
  EXPECT_TRUE(is_denied("c")) << "what has come counts at once";
  EXPECT_EQ(client->status().position, 1u);
  answer(tail(1), 1, 3, {{2, "b"}, {3, "c"}});
  backchannel->advance(Seconds(1));
  EXPECT_TRUE(is_denied("b"));
  EXPECT_EQ(client->status().position, 3u);
  EXPECT_THAT(events, ElementsAre("gap"));
}

TEST_F(DenyFeedClientTest, IsNotCurrentWithAListThatTookNotAll) {
  list = std::make_shared<DenyList>(DenyListOptions{.most_entries = 1});
  answer(snapshot, 0, 2, {{1, "a"}, {2, "b"}});
  const auto client = follow();
  EXPECT_THAT(events, ElementsAre("full", "failed"));
  EXPECT_EQ(list->heard(issuer), Instant::min());
  backchannel->advance(Seconds(30));
  EXPECT_THAT(events, ElementsAre("full", "failed")) << "said once";
}

TEST_F(DenyFeedClientTest, ShowsWhoAsks) {
  int calls = 0;
  answer(snapshot, 0, 0, {});
  const auto client = follow({.issuer = issuer, .authorization = [&calls]() -> Task<Result<std::string>> {
                                co_return "Bearer t" + std::to_string(++calls);
                              }});
  ASSERT_EQ(backchannel->requests.size(), 2u);
  EXPECT_EQ(backchannel->requests[0].authorization, "Bearer t1");
  EXPECT_EQ(backchannel->requests[1].authorization, "Bearer t2");
}

TEST_F(DenyFeedClientTest, AsksNobodyWithoutAProof) {
  const auto client = follow({.issuer = issuer, .authorization = []() -> Task<Result<std::string>> {
                                co_return fail(Failure::unavailable, "no token yet");
                              }});
  EXPECT_TRUE(backchannel->fetched.empty());
  EXPECT_THAT(events, ElementsAre("failed"));
}

TEST_F(DenyFeedClientTest, TakesAnAnswerThatIsNoneForAFailure) {
  backchannel->documents[snapshot] = {.status = 200, .body = "<html>"};
  const auto client = follow();
  EXPECT_TRUE(client->status().is_failing);
  backchannel->documents[snapshot] = {.status = 401};
  backchannel->advance(Seconds(1));
  EXPECT_THAT(client->status().failure, HasSubstr("401"));
  EXPECT_EQ(list->heard(issuer), Instant::min());
}

TEST_F(DenyFeedClientTest, EndsWithItsObject) {
  auto client = follow();
  client.reset();
  const auto asked = backchannel->fetched.size();
  backchannel->advance(Seconds(60));
  EXPECT_EQ(backchannel->fetched.size(), asked);
}

struct OptionCase {
  DenyFeedClientOptions options;
  const char* said;
};

TEST_F(DenyFeedClientTest, IsNotMadeOfWrongOptions) {
  const OptionCase cases[] = {
      {{}, "no issuer"},
      {{.issuer = "issuer"}, "is none"},
      {{.issuer = "http://issuer.example"}, "not https"},
      {{.issuer = issuer, .address = issuer + "/feeds?x=1"}, "has a query"},
      {{.issuer = issuer, .pace = {.wait = Seconds(0)}}, "below a second"},
  };
  for (const auto& [options, said] : cases) {
    const auto made = DenyFeedClient::make(options, list, backchannel, clock);
    ASSERT_FALSE(made) << said;
    EXPECT_EQ(made.error().kind, Failure::configuration_invalid);
    EXPECT_THAT(made.error().subject, HasSubstr(said));
  }
  EXPECT_TRUE(DenyFeedClient::make({.issuer = "http://issuer.example", .require_https = false}, list,
                                   backchannel, clock));
}

}  // namespace
}  // namespace gatehouse::revocation
