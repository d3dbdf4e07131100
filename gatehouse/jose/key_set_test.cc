#include "gatehouse/jose/key_set.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gatehouse/base/base64url.h"
#include "tests/support/test_keys.h"

namespace gatehouse::jose {
namespace {

std::string jwks(const std::vector<std::string>& keys) {
  std::string text = R"({"keys":[)";
  for (const std::string& key : keys) text += (text.back() == '[' ? "" : ",") + key;
  return text + "]}";
}

const std::string good = Key::from_pem(test_keys::p256)->with_kid("good").public_jwk();

std::string with(const std::string& member) { return good.substr(0, good.size() - 1) + "," + member + "}"; }

TEST(KeySet, LeavesOutWhatCannotVerifyOrMustNotBeSeen) {
  std::string without_use = good;
  without_use.erase(without_use.find(R"("use":"sig",)"), 12);
  const std::string for_encryption = without_use.substr(0, without_use.size() - 1) + R"(,"use":"enc"})";
  const auto set =
      KeySet::parse(jwks({good, R"({"kty":"oct","k":"AAAA"})", for_encryption, with(R"("key_ops":["sign"])"),
                          with(R"("alg":"ECDH-ES")"), with(R"("d":"AAAA")"),
                          R"({"kty":"OKP","crv":"X25519","x":"AAAA"})", "7"}));
  ASSERT_TRUE(set);
  EXPECT_EQ(set->keys().size(), 1u);
  EXPECT_EQ(set->skipped(), 7u);
  const std::string whole_pair =
      R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
      R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"})";
  ASSERT_TRUE(Key::from_jwk(whole_pair));
  EXPECT_TRUE(KeySet::parse(jwks({whole_pair}))->empty());
}

// Whoever publishes a private key has given it away, wherever it stands in the set.
TEST(KeySet, SaysWhetherAPrivateKeyWasAmongThem) {
  const std::string pair = with(R"("d":"AAAA")"), secret = R"({"kty":"oct","k":"AAAA"})";
  EXPECT_FALSE(KeySet::parse(jwks({good}))->has_private());
  EXPECT_FALSE(KeySet::parse(jwks({good, secret}))->has_private());
  EXPECT_TRUE(KeySet::parse(jwks({pair, good}))->has_private());
  EXPECT_TRUE(KeySet::parse(jwks({good, pair}))->has_private());
}

// What is verified with a published key comes from anybody: it must not take a millisecond each time.
TEST(KeySet, LeavesOutRsaKeysThatAreSlowToUse) {
  const auto rsa = [](std::size_t octets) {
    std::string n(octets, '\0');
    n.front() = '\x80';
    n.back() = '\x03';  // 2^k + 3 has no small factor for these lengths
    return R"({"kty":"RSA","e":"AQAB","n":")" + base64url::encode(n) + "\"}";
  };
  ASSERT_TRUE(Key::from_jwk(rsa(1024)));
  ASSERT_TRUE(Key::from_jwk(rsa(1025)));
  EXPECT_EQ(KeySet::parse(jwks({rsa(1024), rsa(1025)}))->keys().size(), 1u);
}

TEST(KeySet, LeavesOutKeysThatSayTheyAreForSomethingElse) {
  for (const char* members :
       {R"("alg":"HS256")", R"("alg":"ES384")", R"("alg":"none")", R"("key_ops":["verify","verify"])",
        R"("key_ops":["deriveKey"])", R"("x5c":[])", R"("x5t":5)"})
    EXPECT_TRUE(KeySet::parse(jwks({with(members)}))->empty()) << members;
  std::string other_use = good;
  other_use.replace(other_use.find(R"("sig")"), 5, R"("svid")");
  EXPECT_TRUE(KeySet::parse(jwks({other_use}))->empty());
  for (const char* members :
       {R"("alg":"ES256")", R"("key_ops":["verify"])", R"("key_ops":[])", R"("ext":true,"nbf":1)"})
    EXPECT_EQ(KeySet::parse(jwks({with(members)}))->keys().size(), 1u) << members;
}

TEST(KeySet, FindsEveryKeyOfAKidInOrder) {
  const Key first = Key::symmetric(Secret("first"), "k");
  const Key second = Key::symmetric(Secret("second"), "k");
  const KeySet set({first, Key::symmetric(Secret("other"), "o"), second, Key::symmetric(Secret("nameless"))});
  const auto found = set.find("k");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].identity(), first.identity());
  EXPECT_EQ(found[1].identity(), second.identity());
  EXPECT_TRUE(set.find("K").empty());
  EXPECT_TRUE(set.find("").empty());
  EXPECT_EQ(set.find_first("o")->bits(), 40u);
  EXPECT_EQ(set.find_first("K"), nullptr);
  EXPECT_TRUE(set.has_nameless());
  EXPECT_FALSE(KeySet({first, second}).has_nameless());
}

TEST(KeySet, FindsEachOfTheMostKeysAndNoOther) {
  std::vector<Key> keys;
  for (int i = 0; i < 256; ++i)
    keys.push_back(Key::symmetric(Secret("a secret of thirty-two octets !!"), fmt::format("k{}", i)));
  KeySet set(std::move(keys));
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 256; ++i) {
      const Key* const found = set.find_first(fmt::format("k{}", i));
      ASSERT_NE(found, nullptr) << i;
      EXPECT_EQ(found->kid(), fmt::format("k{}", i));
      EXPECT_EQ(set.find_first(fmt::format("k{}", i + 256)), nullptr);
    }
    set = KeySet(set);  // a copy finds its own
  }
  EXPECT_EQ(set.find_first(""), nullptr);
  KeySet taken = std::move(set);
  EXPECT_NE(taken.find_first("k1"), nullptr);
  EXPECT_EQ(set.find_first("k1"), nullptr);  // NOLINT(bugprone-use-after-move): it may be asked
}

TEST(KeySet, RefusesWhatIsNoSet) {
  for (const char* text : {"", "{}", "[]", R"({"keys":{}})", R"({"keys":[],"keys":[]})"})
    EXPECT_FALSE(KeySet::parse(text));
  EXPECT_TRUE(KeySet::parse(jwks(std::vector<std::string>(256, "{}"))));
  EXPECT_EQ(KeySet::parse(jwks(std::vector<std::string>(257, "{}"))).error(),
            (Error{Failure::too_large, "keys"}));
}

TEST(KeySet, PublishesPublicKeysOnly) {
  const KeySet set({*Key::from_pem(test_keys::rsa), Key::symmetric(Secret("secret"))});
  const auto back = KeySet::parse(set.public_jwks());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->keys().size(), 1u);
  EXPECT_EQ(back->skipped(), 0u);
}

}  // namespace
}  // namespace gatehouse::jose
