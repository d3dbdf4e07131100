#include "gatehouse/issuer/token_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/base/wait_for.h"
#include "gatehouse/issuer/key_ring.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/stores/store.h"
#include "tests/support/settable_clock.h"
#include "tests/support/soft_token.h"

namespace gatehouse::issuer {
namespace {

using jose::Algorithm;
using testing::HasSubstr;

const test_support::SoftToken& token() {
  static const auto* const made = [] {
    auto* soft = new test_support::SoftToken("1234");
    soft->init("ring");
    for (const char* id : {"01", "02", "03"})
      soft->make_key("ring", "EC:prime256v1", std::string("ec") + id, id);
    soft->make_key("ring", "rsa:2048", "rsa", "04");
    return soft;
  }();
  return *made;
}

class RingOnAToken : public testing::Test {
 protected:
  Result<std::unique_ptr<KeyRing>> open(const std::vector<std::string>& objects) {
    KeyRingOptions options;
    for (const std::string& object : objects) options.token.keys.push_back(token().uri("ring", object));
    return wait_for(KeyRing::open(store_->keys(), wrapper_, std::move(options), pool_, clock_));
  }
  static std::string signs_with(const KeyRing& ring) { return ring.signing_credentials().value().key.kid(); }

  test_support::SettableClock clock_;
  WorkerPool pool_{"keys", 1, 100};
  KeyWrapper wrapper_ = KeyWrapper::make({Secret(std::string(32, 'w'))}).value();
  std::unique_ptr<stores::Store> store_ = stores::make_memory_store();
};

TEST_F(RingOnAToken, SignsThereAndKeepsNoPrivateKey) {
  const auto ring = open({"rsa", "ec01", "ec02"}).value();
  const SigningCredentials credentials = ring->signing_credentials().value();
  EXPECT_EQ(credentials.algorithm, Algorithm::ES256);
  const std::string signature = jose::sign("text", credentials.key, Algorithm::ES256).value();
  EXPECT_TRUE(jose::verify("text", signature, *ring->published()->keys.find_first(credentials.key.kid()),
                           Algorithm::ES256));
  EXPECT_TRUE(credentials.key.private_jwk().empty());
  const auto rows = wait_for(store_->keys().list()).value();
  for (const stores::StoredKey& row : rows) {
    if (!row.purpose.starts_with("sign:")) continue;
    EXPECT_EQ(std::string(wrapper_.unwrap(row)->reveal()).substr(0, 18), "pkcs11:token=ring;");
  }
}

TEST_F(RingOnAToken, TakesTheNextKeyAtARotationAndSaysWhenThereIsNone) {
  const auto ring = open({"ec01", "ec02"}).value();
  const std::string first = signs_with(*ring);
  clock_.advance(std::chrono::days(31));
  const auto refreshed = wait_for(ring->refresh());
  ASSERT_FALSE(refreshed);
  EXPECT_NE(signs_with(*ring), first) << "what is due is done";
  EXPECT_THAT(refreshed.error().subject, HasSubstr("every key for ES256 on the token was used"));
  const auto longer = open({"ec01", "ec02", "ec03"}).value();
  EXPECT_EQ(longer->published()->keys.keys().size(), 3u);
  const std::string second = signs_with(*longer);
  const std::string third = wait_for(longer->compromise(second)).value();
  EXPECT_NE(third, first) << "no key is taken twice";
  EXPECT_EQ(signs_with(*longer), third) << "an emergency does not wait for a key to announce";
}

TEST_F(RingOnAToken, IsTheSameAfterARestart) {
  const std::string first = signs_with(*open({"ec01", "ec02"}).value());
  EXPECT_EQ(signs_with(*open({"ec02", "ec01"}).value()), first);
}

TEST_F(RingOnAToken, GoesOnFromARingThatHadItsOwnKeys) {
  const auto before = open({}).value();
  const std::string own = signs_with(*before);
  const auto after = open({"ec01", "ec02"}).value();
  EXPECT_EQ(signs_with(*after), own);
  clock_.advance(std::chrono::days(31));
  ASSERT_TRUE(wait_for(after->refresh()));
  EXPECT_NE(signs_with(*after), own) << "the one that was announced";
  clock_.advance(std::chrono::days(31));
  ASSERT_TRUE(wait_for(after->refresh()));
  EXPECT_TRUE(after->signing_credentials().value().key.private_jwk().empty());
}

TEST(TokenKeys, KnowsAKeyThatWasPutInAnothersPlace) {
  TokenKeys keys({.keys = {token().uri("ring", "ec01")}});
  const auto opened = keys.open(token().uri("ring", "ec01"), "another");
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().subject, HasSubstr("is another key than the one that the ring calls 'another'"));
}

}  // namespace
}  // namespace gatehouse::issuer
