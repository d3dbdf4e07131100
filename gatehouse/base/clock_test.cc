#include "gatehouse/base/clock.h"

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

TEST(Instant, IsWrittenAsRfc3339) {
  EXPECT_EQ(format_instant(Instant(Seconds(1'780'272'000))), "2026-06-01T00:00:00Z");
  EXPECT_EQ(format_instant(Instant(std::chrono::milliseconds(-1))), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(format_instant(Instant(Seconds(253'402'300'799))), "9999-12-31T23:59:59Z");
  EXPECT_EQ(format_instant(Instant(Seconds(253'402'300'800))), "10000-01-01T00:00:00Z");
  EXPECT_EQ(format_instant(Instant(Seconds(-62'198'755'200))), "-1-01-01T00:00:00Z");
}

TEST(Instant, IsReadInEveryFormOfRfc3339) {
  const Instant expected(Seconds(1'780'272'000));
  for (const char* text : {"2026-06-01T00:00:00Z", "2026-06-01t00:00:00z", "2026-06-01 00:00:00.000Z",
                           "2026-06-01T02:30:00+02:30", "2026-05-31T23:00:00-01:00"})
    EXPECT_EQ(parse_instant(text), expected) << text;
  EXPECT_EQ(parse_instant("2026-06-01T00:00:00.2509Z"), expected + std::chrono::milliseconds(250));
  EXPECT_EQ(parse_instant("2026-06-01T00:00:00.5Z"), expected + std::chrono::milliseconds(500));
}

TEST(Instant, RefusesWhatIsNone) {
  for (const char* text : {"",
                           "2026",
                           "2026-06-01",
                           "2026-06-01T00:00:00",
                           "2026-13-01T00:00:00Z",
                           "2026-02-30T00:00:00Z",
                           "2026-06-01T24:00:00Z",
                           "2026-06-01T00:00:00.Z",
                           "2026-06-01T00:00:00Zx",
                           "2026-06-01T00:00:00+2:00",
                           "2O26-06-01T00:00:00Z",
                           "2026/06-01T00:00:00Z",
                           "2026-6-01T00:00:00Z",
                           "2026-06/01T00:00:00Z",
                           "2026-06-1T00:00:00Z",
                           "2026-06-01_00:00:00Z",
                           "2026-06-01T0:00:00Z",
                           "2026-06-01T00.00:00Z",
                           "2026-06-01T00:0:00Z",
                           "2026-06-01T00:60:00Z",
                           "2026-06-01T00:00.00Z",
                           "2026-06-01T00:00:0Z",
                           "2026-06-01T00:00:60Z",
                           "2026-06-01T00:00:00.1",
                           "2026-06-01T00:00:00+24:00",
                           "2026-06-01T00:00:00+02.00",
                           "2026-06-01T00:00:00+02:0",
                           "2026-06-01T00:00:00-02:60"})
    EXPECT_EQ(parse_instant(text), std::nullopt) << text;
}

TEST(Instant, RoundsSecondsDown) {
  EXPECT_EQ(to_unix_seconds(Instant(std::chrono::milliseconds(1999))), 1);
  EXPECT_EQ(to_unix_seconds(Instant(std::chrono::milliseconds(-1))), -1);
}

}  // namespace
}  // namespace gatehouse
