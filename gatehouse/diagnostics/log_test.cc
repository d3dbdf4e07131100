#include "gatehouse/diagnostics/log.h"

#include <gtest/gtest.h>

namespace gatehouse::diagnostics {
namespace {

class FixedClock final : public Clock {
 public:
  Instant now() const override { return Instant(Seconds(1'780'272'000)); }
};

class LogTest : public testing::Test {
 protected:
  FixedClock clock_;
  std::vector<std::string> lines_;
  Log log_{clock_, Level::information, [this](Level, std::string_view line) { lines_.emplace_back(line); }};
};

TEST_F(LogTest, WritesOneObjectALine) {
  log_.warning("request_denied",
               {{"code", std::string_view("expired")}, {"status", std::int64_t{401}}, {"retry", false}});
  EXPECT_EQ(
      lines_,
      std::vector<std::string>{
          R"({"time":"2026-06-01T00:00:00Z","level":"warning","event":"request_denied","code":"expired","status":401,"retry":false})"});
}

TEST_F(LogTest, LeavesOutEmptyFields) {
  log_.information("started", {{"kid", std::string_view()}});
  EXPECT_EQ(lines_.front(), R"({"time":"2026-06-01T00:00:00Z","level":"information","event":"started"})");
}

TEST_F(LogTest, AValueCanForgeNeitherALineNorAField) {
  log_.warning("request_denied", {{"actual", std::string_view("x\"}\n{\"event\":\"ok\",\"level\":\"x")}});
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_EQ(lines_.front().find('\n'), std::string::npos);
  EXPECT_NE(lines_.front().find(R"("actual":"x\"}\n{\"event\":\"ok\",)"), std::string::npos);
}

TEST_F(LogTest, KeepsQuietBelowItsThreshold) {
  log_.write(Level::debug, "detail", {});
  EXPECT_TRUE(lines_.empty());
}

}  // namespace
}  // namespace gatehouse::diagnostics
