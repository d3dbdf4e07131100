#include "gatehouse/revocation/deny_list_check.h"

#include <gtest/gtest.h>

#include <coroutine>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "gatehouse/jose/key.h"

namespace gatehouse::revocation {
namespace {

constexpr Instant now{Seconds(1'780'272'000)};
const std::string issuer = "https://issuer.example";

tokens::Token token_with(std::string_view payload) {
  return {.header = std::make_shared<const jose::Header>(),
          .claims = tokens::ClaimSet::parse(payload, {}).value(),
          .signing_key = jose::Key::symmetric(Secret("a secret of thirty-two octets !!"), "k1")};
}

struct StandingCase {
  const char* name;  // reads as the end of "The check …"
  std::string_view payload;
  std::optional<Instant> heard;
  std::optional<Failure> expected;
};

constexpr std::string_view good = R"({"iss":"https://issuer.example","jti":"good","sub":"ada"})";
constexpr std::string_view gone = R"({"iss":"https://issuer.example","jti":"gone","sub":"ada"})";

const StandingCase standing_cases[] = {
    {"LetsAGoodOneStand", good, now, {}},
    {"RefusesWhatWasWithdrawn", gone, now, Failure::revoked},
    {"RefusesWhatWasWithdrawnHoweverOldThatIs", gone, now - std::chrono::hours(1), Failure::revoked},
    {"RefusesWhatWasWithdrawnWhereNobodyWasHeard", gone, {}, Failure::revoked},
    {"TakesAnAgeOfTheMost", good, now - Seconds(10), {}},
    {"DoesNotKnowAMillisecondLater", good, now - Seconds(10) - std::chrono::milliseconds(1),
     Failure::unavailable},
    {"DoesNotKnowWhereNobodyWasHeard", good, {}, Failure::unavailable},
    {"DoesNotKnowOfAnotherIssuer", R"({"iss":"https://other.example","jti":"good"})", now,
     Failure::unavailable},
    {"TakesASessionForAName", R"({"iss":"https://issuer.example","sid":"s"})", now, {}},
    {"RefusesANamelessOne", R"({"iss":"https://issuer.example","sub":"ada"})", now, Failure::claim_missing},
    {"RefusesANamelessOneOfNobody", R"({"sub":"ada"})", {}, Failure::claim_missing},
};

class Standing : public testing::TestWithParam<StandingCase> {};

TEST_P(Standing, IsJudged) {
  const auto list = std::make_shared<DenyList>();
  ASSERT_TRUE(list->add(
      {.kind = DenyKind::token, .issuer = issuer, .value = "gone", .until = now + Seconds(9)}, now));
  if (GetParam().heard) ASSERT_TRUE(list->heard(issuer, *GetParam().heard));
  const auto check = DenyListCheck::make(list).value();
  const auto standing = check->check(token_with(GetParam().payload), Seconds(10), now);
  EXPECT_EQ(standing ? std::nullopt : std::optional(standing.error().kind), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Deny, Standing, testing::ValuesIn(standing_cases),
                         [](const auto& test) { return test.param.name; });

TEST(DenyListCheck, MayLetNamelessOnesStand) {
  const auto list = std::make_shared<DenyList>();
  ASSERT_TRUE(list->heard(issuer, Instant::max()));
  const auto check = DenyListCheck::make(list, {.require_token_id = false}).value();
  EXPECT_TRUE(check->check(token_with(R"({"iss":"https://issuer.example"})"), Seconds(10), now));
}

TEST(DenyListCheck, SaysByWhatAndNotWhose) {
  const auto list = std::make_shared<DenyList>();
  ASSERT_TRUE(list->add(make_deny_entry(DenyKind::subject, issuer, "ada", now), now));
  const auto check = DenyListCheck::make(list).value();
  EXPECT_EQ(check->check(token_with(good), Seconds(10), now).error(),
            (Error{.kind = Failure::revoked, .subject = "by sub"}));
}

TEST(DenyListCheck, BoundsTheTimeOfEveryIntrospection) {
  const auto made =
      DenyListCheck::make(std::make_shared<DenyList>(),
                          {.introspect = [](std::string) -> Task<Result<bool>> { co_return true; }});
  EXPECT_EQ(made.error().kind, Failure::configuration_invalid);
  EXPECT_FALSE(DenyListCheck::make(std::make_shared<DenyList>()).value()->may_ask());
}

// An issuer that answers when a test says so, and timers that go off when it does.
class Introspection : public testing::Test {
 protected:
  struct Pause {
    std::deque<std::coroutine_handle<>>& waiting;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller) const { waiting.push_back(caller); }
    void await_resume() const noexcept {}
  };

  Task<Result<bool>> introspect(std::string token) {
    asked.push_back(std::move(token));
    Pause pause{waiting};
    if (holds) co_await pause;
    co_return answer;
  }

  struct Asked {
    std::optional<Result<void>> outcome;
    std::optional<Failure> failure() const {
      return *outcome ? std::nullopt : std::optional(outcome->error().kind);
    }
  };
  std::shared_ptr<Asked> ask(std::string token, Instant at = now) {
    auto result = std::make_shared<Asked>();
    start(check->ask(std::move(token), at),
          [result](Result<void>&& outcome) { result->outcome = std::move(outcome); });
    return result;
  }
  void answer_all() {
    for (const auto caller : std::exchange(waiting, {})) caller.resume();
  }
  void run_timers() {
    for (auto& work : std::exchange(timers, {})) work();
  }

  bool holds = false;
  Result<bool> answer = true;
  std::vector<std::string> asked;
  std::deque<std::coroutine_handle<>> waiting;
  std::vector<std::move_only_function<void()>> timers;
  std::vector<std::chrono::milliseconds> delays;
  std::shared_ptr<const DenyListCheck> check =
      DenyListCheck::make(std::make_shared<DenyList>(),
                          {.introspect = [this](std::string token) { return introspect(std::move(token)); },
                           .post_after =
                               [this](std::chrono::milliseconds delay, std::move_only_function<void()> work) {
                                 delays.push_back(delay);
                                 timers.push_back(std::move(work));
                               },
                           .most_introspections = 3,
                           .most_asking = 2})
          .value();
};

TEST_F(Introspection, DecidesAndIsKeptForFiveSeconds) {
  EXPECT_EQ(ask("a")->failure(), std::nullopt);
  answer = false;
  EXPECT_EQ(ask("b")->failure(), Failure::revoked);
  EXPECT_EQ(ask("a", now + Seconds(5) - std::chrono::milliseconds(1))->failure(), std::nullopt);
  EXPECT_EQ(asked, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(ask("a", now + Seconds(5))->failure(), Failure::revoked);
  EXPECT_EQ(asked.size(), 3u);
}

TEST_F(Introspection, HasFiftyMilliseconds) {
  holds = true;
  const auto one = ask("a");
  EXPECT_FALSE(one->outcome);
  EXPECT_EQ(delays.front(), std::chrono::milliseconds(50));
  run_timers();
  EXPECT_EQ(one->failure(), Failure::unavailable);
  answer_all();
  EXPECT_EQ(ask("a")->failure(), std::nullopt) << "the answer that came late is kept";
  EXPECT_EQ(asked.size(), 1u);
}

TEST_F(Introspection, IsAskedForOnceByAll) {
  holds = true;
  const auto one = ask("a"), other = ask("a");
  EXPECT_EQ(asked.size(), 1u);
  answer_all();
  EXPECT_EQ(one->failure(), std::nullopt);
  EXPECT_EQ(other->failure(), std::nullopt);
}

TEST_F(Introspection, ThatFailedIsAskedForAgain) {
  answer = fail(Failure::unavailable, "500");
  EXPECT_EQ(ask("a")->failure(), Failure::unavailable);
  answer = true;
  EXPECT_EQ(ask("a")->failure(), std::nullopt);
}

TEST_F(Introspection, AsksOnlySoManyAtOnce) {
  holds = true;
  const auto one = ask("a"), two = ask("b"), three = ask("c");
  EXPECT_EQ(three->failure(), Failure::unavailable);
  answer_all();
  EXPECT_EQ(one->failure(), std::nullopt);
  EXPECT_EQ(two->failure(), std::nullopt);
}

TEST_F(Introspection, KeepsOnlySoManyAnswers) {
  for (const char* token : {"a", "b", "c"}) EXPECT_EQ(ask(token)->failure(), std::nullopt);
  EXPECT_EQ(ask("d")->failure(), Failure::unavailable);
  EXPECT_EQ(ask("d", now + Seconds(6))->failure(), std::nullopt) << "those that are old make room";
}

TEST_F(Introspection, MayOutliveItsCheck) {
  holds = true;
  const auto one = ask("a");
  run_timers();
  check.reset();
  answer_all();
  EXPECT_EQ(one->failure(), Failure::unavailable);
}

}  // namespace
}  // namespace gatehouse::revocation
