#include "gatehouse/base/digest.h"

#include <gtest/gtest.h>

#include "gatehouse/base/base64url.h"

namespace gatehouse {
namespace {

// FIPS 180-4's examples, by their first octets.
TEST(Sha256, IsTheStandards) {
  EXPECT_EQ(base64url::encode(sha256("abc")), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
  EXPECT_EQ(base64url::encode(sha256("")), "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
}

}  // namespace
}  // namespace gatehouse
