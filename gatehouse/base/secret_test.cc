#include "gatehouse/base/secret.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace gatehouse {
namespace {

TEST(Secret, ComparesByContent) {
  EXPECT_EQ(Secret("abc"), Secret("abc"));
  EXPECT_NE(Secret("abc"), Secret("abd"));
  EXPECT_NE(Secret("abc"), Secret("abcd"));
}

TEST(Secret, LeavesNothingBehindWhenMoved) {
  for (const std::string text :
       {"short", "a text that is too long to live inside the string object itself"}) {
    Secret from(text);
    const Secret to(std::move(from));
    EXPECT_EQ(to.reveal(), text);
    EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): this is what is tested
  }
}

TEST(Secret, IsReplacedAsAWhole) {
  const std::string longer(40, 'l');
  for (const auto& [before, after] :
       {std::pair(std::string("short"), longer), std::pair(longer, std::string("short"))}) {
    Secret secret(before);
    const Secret copy = secret;
    secret = Secret(after);
    EXPECT_EQ(secret.reveal(), after);
    EXPECT_EQ(copy.reveal(), before);
  }
}

// What the object itself held must not show through either, whichever way its storage changes.
TEST(Secret, LeavesNoOctetInTheObjectItself) {
  Secret secret("0123456789ABCDE");
  secret = Secret(std::string(40, 'l'));
  const std::string_view bytes(reinterpret_cast<const char*>(&secret), sizeof secret);
  EXPECT_EQ(bytes.find("9ABCDE"), bytes.npos);
}

TEST(Wipe, OverwritesTheWholeCapacity) {
  std::string text = "secret octets, short of the inline capacity?";
  text.resize(4);
  const char* data = text.data();
  wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(text.data(), data);
  text.resize(text.capacity());
  EXPECT_EQ(text.find_first_not_of('\0'), text.npos);
}

}  // namespace
}  // namespace gatehouse
