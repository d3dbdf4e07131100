#include "gatehouse/jose/aes.h"

#include <gtest/gtest.h>

namespace gatehouse::jose::aes {
namespace {

const std::string key(16, 'k');
const std::string iv(gcm_iv_octets, 'i');

TEST(Gcm, OpensWhatItSealed) {
  const Sealed sealed = gcm_seal(key, iv, "aad", "text");
  EXPECT_EQ(gcm_open(key, iv, "aad", sealed.ciphertext, sealed.tag), "text");
  EXPECT_EQ(gcm_open(key, iv, "AAD", sealed.ciphertext, sealed.tag), std::nullopt);
}

// OpenSSL would take each of these: a shorter tag is a right one's beginning.
TEST(Gcm, TakesNoTagOfAnotherLength) {
  const Sealed sealed = gcm_seal(key, iv, "aad", "text");
  for (std::size_t size = 1; size < gcm_tag_octets; ++size)
    EXPECT_EQ(gcm_open(key, iv, "aad", sealed.ciphertext, sealed.tag.substr(0, size)), std::nullopt) << size;
  EXPECT_EQ(gcm_open(key, iv, "aad", sealed.ciphertext, sealed.tag + "x"), std::nullopt);
}

// OpenSSL reads twelve octets of iv, whatever is there.
TEST(Gcm, TakesNoIvOfAnotherLength) {
  const Sealed sealed = gcm_seal(key, iv, "", "text");
  EXPECT_EQ(gcm_open(key, iv + "i", "", sealed.ciphertext, sealed.tag), std::nullopt);
  EXPECT_EQ(
      gcm_open(key, std::string_view(iv).substr(0, gcm_iv_octets - 1), "", sealed.ciphertext, sealed.tag),
      std::nullopt);
}

TEST(Wrap, UnwrapsWhatItWrappedAndNothingShorter) {
  const std::string wrapped = wrap(key, Secret(std::string(32, 's')));
  EXPECT_EQ(unwrap(key, wrapped)->reveal(), std::string(32, 's'));
  for (std::size_t size = 0; size < wrapped.size(); ++size)
    EXPECT_FALSE(unwrap(key, std::string_view(wrapped).substr(0, size))) << size;
}

}  // namespace
}  // namespace gatehouse::jose::aes
