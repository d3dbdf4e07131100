#include "gatehouse/issuer/password_hash.h"

#include <gtest/gtest.h>

namespace gatehouse::issuer {
namespace {

TEST(PasswordHash, IsArgon2idWithTheParametersOfThePolicy) {
  const auto hash = hash_password("correct horse");
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << *hash;
  EXPECT_TRUE(verify_password("correct horse", *hash));
  EXPECT_FALSE(verify_password("Correct horse", *hash));
  EXPECT_FALSE(needs_rehash(*hash));
}

TEST(PasswordHash, SaltsEveryHash) { EXPECT_NE(*hash_password("same"), *hash_password("same")); }

TEST(PasswordHash, RefusesPasswordsBeyondTheCapWithoutHashing) {
  EXPECT_EQ(hash_password(std::string(257, 'x')).error().kind, Failure::too_large);
  EXPECT_FALSE(verify_password(std::string(257, 'x'), *hash_password(std::string(256, 'x'))));
}

TEST(PasswordHash, NoHashMatchesNothing) {
  for (const std::string& hash : {std::string(), std::string("plain"), std::string(200, '$')})
    EXPECT_FALSE(verify_password("plain", hash));
}

TEST(PasswordHash, WeakerParametersAskForANewHash) {
  EXPECT_TRUE(needs_rehash(
      "$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
}

}  // namespace
}  // namespace gatehouse::issuer
