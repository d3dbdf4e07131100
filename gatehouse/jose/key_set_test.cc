#include "gatehouse/jose/key_set.h"

#include <gtest/gtest.h>

#include "gatehouse/jose/test_keys.h"

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
  const auto set = KeySet::parse(jwks({good, R"({"kty":"oct","k":"AAAA"})", for_encryption,
                                       with(R"("key_ops":["sign"])"), with(R"("alg":"ECDH-ES")"),
                                       with(R"("d":"AAAA")"), R"({"kty":"OKP","crv":"X25519","x":"AAAA"})", "7"}));
  ASSERT_TRUE(set);
  EXPECT_EQ(set->keys().size(), 1u);
  EXPECT_EQ(set->skipped(), 7u);
}

TEST(KeySet, FindsEveryKeyOfAKidInOrder) {
  const Key first = Key::symmetric(Secret("first"), "k");
  const Key second = Key::symmetric(Secret("second"), "k");
  const KeySet set({first, Key::symmetric(Secret("other"), "o"), second, Key::symmetric(Secret("nameless"))});
  const auto found = set.find("k");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0]->identity(), first.identity());
  EXPECT_EQ(found[1]->identity(), second.identity());
  EXPECT_TRUE(set.find("K").empty());
  EXPECT_TRUE(set.find("").empty());
  EXPECT_EQ(set.find_first("o")->bits(), 40u);
}

TEST(KeySet, RefusesWhatIsNoSet) {
  for (const char* text : {"", "{}", "[]", R"({"keys":{}})", R"({"keys":[],"keys":[]})"}) EXPECT_FALSE(KeySet::parse(text));
  EXPECT_EQ(KeySet::parse(jwks(std::vector<std::string>(257, "{}"))).error(), (Error{Failure::too_large, "keys"}));
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
