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

// RFC 4231's second case, by its first octets.
TEST(HmacSha256, IsTheStandards) {
  EXPECT_EQ(base64url::encode(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM");
}

}  // namespace
}  // namespace gatehouse
