#include "gatehouse/jose/algorithm.h"

#include <gtest/gtest.h>

namespace gatehouse::jose {
namespace {

TEST(Algorithm, IsFoundByItsExactName) {
  for (const AlgorithmTraits& row : algorithms()) EXPECT_EQ(parse_algorithm(row.name), row.algorithm);
}

TEST(Algorithm, IsNothingElse) {
  for (const char* text : {"", "none", "None", "NONE", "hs256", "HS256 ", "HS1", "RS256\n", "ES256k", "eddsa",
                           "dir", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"})
    EXPECT_EQ(parse_algorithm(text), std::nullopt) << text;
}

}  // namespace
}  // namespace gatehouse::jose
