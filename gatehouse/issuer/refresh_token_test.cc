#include "gatehouse/issuer/refresh_token.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace gatehouse::issuer {
namespace {

RefreshTagKeys tag_keys(std::uint8_t current = 1) {
  return {.current = current, .keys = {{1, Secret(std::string(32, 'a'))}, {2, Secret(std::string(40, 'b'))}}};
}

RefreshToken token() {
  return {.session = "0123456789abcdef", .generation = 0x01020304, .secret = Secret(std::string(32, 's'))};
}

class Format : public testing::Test {
 protected:
  RefreshTokenFormat format_ = RefreshTokenFormat::make(tag_keys()).value();
};
using RefreshTokenText = Format;

TEST_F(RefreshTokenText, GivesBackWhatWasWritten) {
  const std::string text = format_.write(token());
  EXPECT_EQ(text.size(), refresh_token_length);
  EXPECT_TRUE(text.starts_with("grt_AQEw"));
  const auto read = format_.read(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->session, token().session);
  EXPECT_EQ(read->generation, token().generation);
  EXPECT_EQ(read->secret, token().secret);
}

TEST_F(RefreshTokenText, IsRefusedWhenAnyCharacterDiffers) {
  const std::string text = format_.write(token());
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(format_.read(changed)) << at;
  }
}

// The near misses of attacks/refresh.
TEST_F(RefreshTokenText, IsRefusedInAnyOtherSpelling) {
  const std::string text = format_.write(token());
  std::string lower = text;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const std::string& other :
       {std::string(), std::string(" "), std::string("null"), std::string("' OR 1=1 --"), text + "=",
        text + "\n", " " + text, text + '\0', text.substr(1), text.substr(0, text.size() - 1), lower,
        text.substr(4), std::string(10'000, 'A'), "grt_" + std::string(refresh_token_length - 4, '\xc3')})
    EXPECT_EQ(format_.read(other).error().kind, Failure::malformed) << other.size();
}

TEST_F(RefreshTokenText, OfAnOlderTagKeyStaysGood) {
  const std::string old = format_.write(token());
  const auto next = RefreshTokenFormat::make(tag_keys(2)).value();
  EXPECT_TRUE(next.read(old));
  EXPECT_TRUE(format_.read(next.write(token())));

  RefreshTagKeys without = tag_keys(2);
  without.keys.erase(1);
  EXPECT_FALSE(RefreshTokenFormat::make(without).value().read(old));
}

TEST(RefreshTagKeys, AreCheckedAtTheStart) {
  RefreshTagKeys missing = tag_keys(3);
  EXPECT_EQ(RefreshTokenFormat::make(missing).error(),
            (Error{Failure::configuration_invalid,
                   "refresh_tag_keys has no key 3, which is the current one; add it"}));
  RefreshTagKeys weak = tag_keys();
  weak.keys[2] = Secret("short");
  EXPECT_EQ(RefreshTokenFormat::make(weak).error(),
            (Error{Failure::configuration_invalid, "refresh_tag_keys: key 2 has 5 octets; 32 is the least"}));
}

TEST(Successor, OpensWithItsPredecessorAlone) {
  const Secret successor(std::string(32, 'n'));
  const std::string sealed = seal_successor(token(), successor);
  EXPECT_EQ(sealed.size(), 60u);
  EXPECT_EQ(sealed.find(successor.reveal()), std::string::npos);
  EXPECT_EQ(open_successor(token(), sealed).value(), successor);

  RefreshToken other_secret = token(), other_generation = token(), other_session = token();
  other_secret.secret = Secret(std::string(32, 'x'));
  ++other_generation.generation;
  other_session.session.back() = 'x';
  for (const RefreshToken& other : {other_secret, other_generation, other_session})
    EXPECT_EQ(open_successor(other, sealed).error().kind, Failure::decryption_failed);
}

}  // namespace
}  // namespace gatehouse::issuer
