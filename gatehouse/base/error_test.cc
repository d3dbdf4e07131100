#include "gatehouse/base/error.h"

#include <gtest/gtest.h>

#include <set>

#include "gatehouse/base/advice.h"

namespace gatehouse {
namespace {

TEST(Failure, EveryKindHasItsOwnCodeAndASentence) {
  std::set<std::string_view> codes;
  for (int kind = 0; kind <= static_cast<int>(Failure::internal); ++kind) {
    EXPECT_TRUE(codes.insert(code(static_cast<Failure>(kind))).second);
    EXPECT_FALSE(describe({static_cast<Failure>(kind)}).empty());
    EXPECT_NE(describe({static_cast<Failure>(kind), "subject"}).find("subject"), std::string::npos);
  }
}

TEST(Failure, EveryKindHasAdviceOfItsOwn) {
  std::set<std::string_view> seen;
  for (int kind = 0; kind <= static_cast<int>(Failure::internal); ++kind) {
    const std::string_view said = advice(static_cast<Failure>(kind));
    EXPECT_TRUE(said.ends_with('.')) << said;
    EXPECT_TRUE(seen.insert(said).second) << said;
  }
}

TEST(Failure, IsDescribedWithWhatItIsAbout) {
  EXPECT_EQ(describe({Failure::expired, "2026-01-15T09:00:00Z"}), "expired at 2026-01-15T09:00:00Z");
  EXPECT_EQ(describe({Failure::expired}), "expired");
  EXPECT_EQ(describe({Failure::audience_invalid, "a {} b"}), "meant for audience a {} b");
}

}  // namespace
}  // namespace gatehouse
