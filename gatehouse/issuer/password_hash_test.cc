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

TEST(PasswordHash, IsOfTheWholePassword) {
  const std::string with_nul("secret\0other", 12);
  EXPECT_FALSE(verify_password(with_nul, *hash_password("secret")));
  EXPECT_TRUE(verify_password(with_nul, *hash_password(with_nul)));
  const std::string long_one(100, 'x');
  EXPECT_FALSE(verify_password(long_one.substr(0, 72), *hash_password(long_one)));
}

struct ForeignCase {
  const char* name;
  const char* hash;
};

// Made of "Correct horse 7!" by the program argon2 (Debian 0~20171227).
const ForeignCase foreign_cases[] = {
    {"LessMemory",
     "$argon2id$v=19$m=8192,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$G5qZf1vDkEpALnUJzJFpeJnketJuVNL+GGm3mw8qJLA"},
    {"FourLanes",
     "$argon2id$v=19$m=4096,t=3,p=4$c2FsdHNhbHRzYWx0c2FsdA$xHwu7JYruM6nnKbE5R+YR9mOLPW6qy+f+66raP9vZ1I"},
    {"AnotherSalt",
     "$argon2id$v=19$m=1024,t=2,p=1$dHdlbHZlb2N0ZXRz$qFzZ4IBtS9m4vVjoaeyueQcl+deYXzQpjIHYWx3enxY"},
};

class ForeignHash : public testing::TestWithParam<ForeignCase> {};

TEST_P(ForeignHash, IsVerifiedAndReplaced) {
  EXPECT_TRUE(verify_password("Correct horse 7!", GetParam().hash));
  EXPECT_FALSE(verify_password("correct horse 7!", GetParam().hash));
  EXPECT_TRUE(needs_rehash(GetParam().hash));
}

INSTANTIATE_TEST_SUITE_P(Argon2id, ForeignHash, testing::ValuesIn(foreign_cases),
                         [](const auto& test) { return test.param.name; });

struct BoundCase {
  const char* name;
  std::string parameters;
};

const BoundCase bound_cases[] = {
    {"MoreThan256MiB", "m=262145,t=2,p=1"},
    {"FourTerabytes", "m=4294967295,t=2,p=1"},
    {"BeyondANumber", "m=99999999999999999999,t=2,p=1"},
    {"SeventeenPasses", "m=19456,t=17,p=1"},
    {"SeventeenLanes", "m=19456,t=2,p=17"},
    {"NoPasses", "m=19456,t=0,p=1"},
    {"LessMemoryThanLanesNeed", "m=8,t=2,p=2"},
    {"LeadingZeros", "m=019456,t=2,p=1"},
    {"MoreParameters", "m=19456,t=2,p=1,data=eA"},
    {"AnEmptyPepper", "m=19456,t=2,p=1,keyid="},
    {"FewerParameters", "m=19456,t=2"},
};

class Bounds : public testing::TestWithParam<BoundCase> {};

TEST_P(Bounds, HoldBeforeMemoryIsAskedFor) {
  const std::string hash = "$argon2id$v=19$" + GetParam().parameters +
                           "$c2FsdHNhbHRzYWx0c2FsdA$xHwu7JYruM6nnKbE5R+YR9mOLPW6qy+f+66raP9vZ1I";
  const auto verified = PasswordHasher().verify("Correct horse 7!", hash);
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().kind, Failure::malformed);
}

INSTANTIATE_TEST_SUITE_P(Argon2id, Bounds, testing::ValuesIn(bound_cases),
                         [](const auto& test) { return test.param.name; });

Pepper pepper(std::string id) { return {.id = id, .key = Secret(std::string(32, id.front()))}; }

TEST(Peppered, NeedsThePepper) {
  const PasswordHasher peppered({pepper("k1")});
  const std::string hash = *peppered.hash("correct horse");
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1,keyid=azE$")) << hash;
  EXPECT_EQ(peppered.verify("correct horse", hash), true);
  EXPECT_EQ(peppered.verify("Correct horse", hash), false);
  EXPECT_EQ(PasswordHasher({{.id = "k1", .key = Secret(std::string(32, 'x'))}}).verify("correct horse", hash),
            false);
  // Whoever runs without the key has a fault to mend; the user has not typed anything wrong.
  EXPECT_EQ(PasswordHasher().verify("correct horse", hash).error(),
            (Error{Failure::unavailable, "pepper k1"}));
}

TEST(Peppered, GoesFromOnePepperToTheNext) {
  const std::string bare = *hash_password("correct horse");
  const std::string old = *PasswordHasher({pepper("k1")}).hash("correct horse");
  const PasswordHasher rotated({pepper("k2"), pepper("k1")});
  for (const std::string& hash : {bare, old}) {
    EXPECT_EQ(rotated.verify("correct horse", hash), true);
    EXPECT_TRUE(rotated.needs_rehash(hash));
  }
  EXPECT_FALSE(rotated.needs_rehash(*rotated.hash("correct horse")));
}

}  // namespace
}  // namespace gatehouse::issuer
