#include "gatehouse/issuer/scope.h"

#include <gtest/gtest.h>

namespace gatehouse::issuer {
namespace {

using Names = std::vector<std::string>;

TEST(Scope, IsReadAndWritten) {
  EXPECT_EQ(read_scope(""), Names{});
  EXPECT_EQ(read_scope("read"), Names{"read"});
  EXPECT_EQ(read_scope(" read  orders.write read "), (Names{"read", "orders.write"}));
  EXPECT_EQ(write_scope({}), "");
  EXPECT_EQ(write_scope({"read", "orders.write"}), "read orders.write");
}

TEST(Scope, HasNoOtherCharactersAndACap) {
  for (const char* text : {"a\"b", "a\\b", "a\nb", "a\tb", "caf\xc3\xa9", "a\x7f"})
    EXPECT_EQ(read_scope(text), std::nullopt) << text;
  std::string many;
  for (int i = 0; i < 100; ++i) many += "s" + std::to_string(i) + " ";
  EXPECT_EQ(read_scope(many)->size(), 100u);
  EXPECT_EQ(read_scope(many + "more"), std::nullopt);
}

TEST(Scope, IsWithinWhatWasGranted) {
  const Names granted{"read", "write"};
  EXPECT_TRUE(is_within({}, granted));
  EXPECT_TRUE(is_within({"write"}, granted));
  EXPECT_FALSE(is_within({"write", "admin"}, granted));
  EXPECT_FALSE(is_within({"Read"}, granted));
}

}  // namespace
}  // namespace gatehouse::issuer
