#include "gatehouse/jose/sealed.h"

#include <gtest/gtest.h>

namespace gatehouse::jose {
namespace {

const Secret key(std::string(32, 'k'));

TEST(Sealed, ComesBackUnderTheSameKeyAndContext) {
  for (const std::string& text : {std::string(), std::string("x"), std::string(5000, '\xff')}) {
    const auto sealed = seal(key, text, "for a test");
    ASSERT_TRUE(sealed);
    EXPECT_EQ(sealed->size(), text.size() + sealing_overhead);
    EXPECT_EQ(open_sealed(key, *sealed, "for a test").value().reveal(), text);
  }
}

TEST(Sealed, IsNeverTheSameTwice) { EXPECT_NE(seal(key, "text", ""), seal(key, "text", "")); }

TEST(Sealed, DoesNotOpenWhenAnythingDiffers) {
  const std::string sealed = seal(key, "secret", "context").value();
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    std::string changed = sealed;
    changed[at] ^= 1;
    EXPECT_EQ(open_sealed(key, changed, "context").error().kind, Failure::decryption_failed) << at;
    EXPECT_EQ(open_sealed(key, sealed.substr(0, at), "context").error().kind, Failure::decryption_failed);
  }
  EXPECT_FALSE(open_sealed(key, sealed + '\0', "context"));
  EXPECT_FALSE(open_sealed(key, sealed, "another"));
  EXPECT_FALSE(open_sealed(Secret(std::string(32, 'o')), sealed, "context"));
}

TEST(Sealed, NeedsAKeyOfItsLength) {
  for (const std::size_t size : {0u, 16u, 31u, 33u}) {
    const Secret other(std::string(size, 'k'));
    EXPECT_EQ(seal(other, "", "").error().kind, Failure::weak_key);
    EXPECT_EQ(open_sealed(other, std::string(40, 'x'), "").error().kind, Failure::weak_key);
  }
}

}  // namespace
}  // namespace gatehouse::jose
