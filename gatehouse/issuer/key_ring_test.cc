#include "gatehouse/issuer/key_ring.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "gatehouse/base/wait_for.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/stores/store.h"
#include "tests/support/settable_clock.h"
#include "tests/support/temporary_folder.h"

namespace gatehouse::issuer {
namespace {

using jose::Algorithm;

constexpr Seconds day = std::chrono::hours(24);
const Secret wrapping_key(std::string(32, 'w'));

RefreshToken refresh_token() {
  return {.session = std::string(16, 's'), .secret = Secret(std::string(32, 'x'))};
}

class KeyRingTest : public testing::Test {
 protected:
  Result<std::unique_ptr<KeyRing>> open(const std::vector<Secret>& keys = {wrapping_key},
                                        KeyRingOptions options = {}) {
    return wait_for(
        KeyRing::open(store_->keys(), KeyWrapper::make(keys).value(), std::move(options), pool_, clock_));
  }
  static std::string signs_with(const KeyRing& ring) { return ring.signing_credentials().value().key.kid(); }
  static std::vector<std::string> published(const KeyRing& ring) {
    std::vector<std::string> kids;
    for (const jose::Key& key : ring.published()->keys.keys()) kids.push_back(key.kid());
    return kids;
  }
  void refresh(KeyRing& ring) { ASSERT_TRUE(wait_for(ring.refresh())); }

  test_support::TemporaryFolder folder_;
  test_support::SettableClock clock_;
  WorkerPool pool_{"keys", 2, 100};
  std::unique_ptr<stores::Store> store_ = stores::open_sqlite_store(folder_.path("store.db")).value();
};

TEST_F(KeyRingTest, SignsWithOneKeyAndPublishesTheNextBesideIt) {
  const auto ring = open().value();
  const auto credentials = ring->signing_credentials().value();
  EXPECT_EQ(credentials.algorithm, Algorithm::ES256);
  ASSERT_EQ(published(*ring).size(), 2u);
  EXPECT_EQ(published(*ring).front(), credentials.key.kid());
  const std::string signature = jose::sign("text", credentials.key, Algorithm::ES256).value();
  EXPECT_TRUE(jose::verify("text", signature, *ring->published()->keys.find_first(credentials.key.kid()),
                           Algorithm::ES256));
  EXPECT_FALSE(ring->published()->jwks.contains("\"d\""));
  EXPECT_EQ(ring->published()->max_age, Seconds(900));
}

TEST_F(KeyRingTest, TheNextThatSignsWasPublishedAllTheTime) {
  const auto ring = open().value();
  const std::string first = signs_with(*ring), second = published(*ring).at(1);
  clock_.advance(30 * day);
  refresh(*ring);
  EXPECT_EQ(signs_with(*ring), second);
  EXPECT_EQ(published(*ring).size(), 3u);
  EXPECT_EQ(published(*ring).back(), first);
  clock_.advance(day);
  refresh(*ring);
  EXPECT_EQ(published(*ring).size(), 2u);
}

TEST_F(KeyRingTest, IsTheSameForEveryProcessAndAfterARestart) {
  const auto one = open().value();
  const auto other = open().value();
  EXPECT_EQ(signs_with(*one), signs_with(*other));
  EXPECT_EQ(one->published()->jwks, other->published()->jwks);
  EXPECT_EQ(one->device_key(), other->device_key());
  EXPECT_TRUE(other->refresh_format()->read(one->refresh_format()->write(refresh_token())));
}

TEST_F(KeyRingTest, OfManyThatBeginAtOnceOneMakesTheKeys) {
  std::set<std::string> kids;
  std::mutex mutex;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i)
      threads.emplace_back([&] {
        const auto ring = open().value();
        const std::lock_guard lock(mutex);
        kids.insert(signs_with(*ring));
      });
  }
  EXPECT_EQ(kids.size(), 1u);
  EXPECT_EQ(wait_for(store_->keys().list())->size(), 6u);  // two of each purpose
}

TEST_F(KeyRingTest, NeverBeginsAnewWithoutItsWrappingKey) {
  const std::string kid = signs_with(*open().value());
  const auto lost = open({Secret(std::string(32, 'x'))});
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, Failure::configuration_invalid);
  EXPECT_TRUE(lost.error().subject.contains("give the one back that was there before"));
  EXPECT_EQ(signs_with(*open().value()), kid);
}

TEST_F(KeyRingTest, ExchangesItsWrappingKey) {
  const Secret next(std::string(32, 'n'));
  const std::string kid = signs_with(*open().value());
  const auto ring = open({next, wrapping_key}).value();
  EXPECT_EQ(wait_for(ring->rewrap()), 6u);
  EXPECT_EQ(wait_for(ring->rewrap()), 0u);
  EXPECT_EQ(signs_with(*open({next}).value()), kid);
  EXPECT_FALSE(open());
}

TEST_F(KeyRingTest, ACompromisedKeyGoesAtOnce) {
  const auto ring = open().value();
  const std::string first = signs_with(*ring), second = published(*ring).at(1);
  EXPECT_EQ(wait_for(ring->compromise(first)), second);
  EXPECT_EQ(signs_with(*ring), second);
  for (const std::string& kid : published(*ring)) EXPECT_NE(kid, first);
  EXPECT_EQ(ring->published()->max_age, Seconds(60));
  EXPECT_EQ(wait_for(ring->compromise("none")).error().kind, Failure::not_found);
  clock_.advance(day);
  refresh(*ring);
  EXPECT_EQ(ring->published()->max_age, Seconds(900));
}

TEST_F(KeyRingTest, RotatesEarlyWhenReadersKnowTheNextKey) {
  const auto ring = open().value();
  const std::string second = published(*ring).at(1);
  EXPECT_EQ(wait_for(ring->rotate(Algorithm::ES256)).error().kind, Failure::conflict);
  clock_.advance(2 * day);
  refresh(*ring);
  EXPECT_EQ(wait_for(ring->rotate(Algorithm::ES256)), second);
}

TEST_F(KeyRingTest, StopsSigningWhenItHasNotSeenTheStoreForLong) {
  const auto ring = open().value();
  clock_.advance(day);
  EXPECT_TRUE(ring->signing_credentials());
  clock_.advance(Seconds(1));
  EXPECT_EQ(ring->signing_credentials().error().kind, Failure::unavailable);
  refresh(*ring);
  EXPECT_TRUE(ring->signing_credentials());
}

TEST_F(KeyRingTest, HasAKeyForEachOfItsAlgorithms) {
  const auto ring =
      open({wrapping_key}, {.algorithms = {Algorithm::ES256, Algorithm::RS256, Algorithm::EdDSA}}).value();
  EXPECT_EQ(published(*ring).size(), 6u);
  EXPECT_EQ(ring->signing_credentials(Algorithm::RS256)->key.type(), jose::KeyType::rsa);
  EXPECT_EQ(ring->signing_credentials(Algorithm::PS256).error().kind, Failure::configuration_invalid);
}

TEST_F(KeyRingTest, KeepsOldTagKeysForAsLongAsSessionsLast) {
  const auto ring = open().value();
  const std::string old = ring->refresh_format()->write(refresh_token());
  clock_.advance(365 * day);
  refresh(*ring);
  EXPECT_TRUE(ring->refresh_format()->read(old));
  EXPECT_NE(ring->refresh_format()->write(refresh_token()).substr(0, 7), old.substr(0, 7));
  clock_.advance(90 * day);
  refresh(*ring);
  EXPECT_FALSE(ring->refresh_format()->read(old));
}

TEST_F(KeyRingTest, RefusesOptionsThatBreakAnInequality) {
  KeyRingOptions options;
  options.signing.announce = Seconds(60);
  EXPECT_TRUE(open({wrapping_key}, options).error().subject.starts_with("announce 60 s < "));
  EXPECT_EQ(open({wrapping_key}, {.algorithms = {}}).error().kind, Failure::configuration_invalid);
}

TEST_F(KeyRingTest, NoticesAKeyThatWasExchangedInTheStore) {
  open().value();
  auto rows = wait_for(store_->keys().list()).value();
  auto& signing = rows.back();
  signing.public_key = jose::Key::generate(Algorithm::ES256, signing.id)->public_jwk();
  ASSERT_TRUE(wait_for(store_->keys().apply({{signing, signing.state}})));
  EXPECT_TRUE(open().error().subject.contains("the store was changed"));
}

}  // namespace
}  // namespace gatehouse::issuer
