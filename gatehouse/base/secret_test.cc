#include "gatehouse/base/secret.h"

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

TEST(Secret, ComparesByContent) {
  EXPECT_EQ(Secret("abc"), Secret("abc"));
  EXPECT_NE(Secret("abc"), Secret("abd"));
  EXPECT_NE(Secret("abc"), Secret("abcd"));
}

TEST(Secret, LeavesNothingBehindWhenMoved) {
  for (const std::string text : {"short", "a text that is too long to live inside the string object itself"}) {
    Secret from(text);
    const Secret to(std::move(from));
    EXPECT_EQ(to.reveal(), text);
    EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): this is what is tested
  }
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
