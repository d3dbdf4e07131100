#include "gatehouse/issuer/known_device.h"

#include <gtest/gtest.h>

#include <functional>

namespace gatehouse::issuer {
namespace {

constexpr Instant now{Seconds(1'780'272'000)};
const Secret key("0123456789abcdef0123456789abcdef");
constexpr Seconds lifetime{1000};

struct DeviceCase {
  const char* name;
  std::function<std::string(const std::string&)> bend;  // what is presented in place of the token
  const char* account;
  Seconds later;
  bool is_known;
};

std::string unbent(const std::string& token) { return token; }

const DeviceCase device_cases[] = {
    {"IsKnownAtOnce", unbent, "ada", Seconds(0), true},
    {"IsKnownInTheLastSecond", unbent, "ada", Seconds(999), true},
    {"IsForgottenAfterItsLifetime", unbent, "ada", Seconds(1000), false},
    {"IsKnownByAClockThatIsAMinuteBehind", unbent, "ada", Seconds(-60), true},
    {"ComesNotFromTheFuture", unbent, "ada", Seconds(-61), false},
    {"IsOfOneAccount", unbent, "bob", Seconds(0), false},
    {"IsNotNothing", [](const std::string&) { return std::string(); }, "ada", Seconds(0), false},
    {"IsWhole", [](const std::string& token) { return token.substr(0, token.size() - 4); }, "ada", Seconds(0),
     false},
    {"HasNothingBehindIt", [](const std::string& token) { return token + "AAAA"; }, "ada", Seconds(0), false},
    {"IsBase64Url", [](const std::string& token) { return "+" + token.substr(1); }, "ada", Seconds(0), false},
};

class Device : public testing::TestWithParam<DeviceCase> {};

TEST_P(Device, IsToldFromOthers) {
  const KnownDevices devices(key, lifetime);
  const std::string token = GetParam().bend(devices.issue("ada", now));
  EXPECT_EQ(devices.recognize(token, GetParam().account, now + GetParam().later).has_value(),
            GetParam().is_known);
}

INSTANTIATE_TEST_SUITE_P(KnownDevices, Device, testing::ValuesIn(device_cases),
                         [](const auto& test) { return test.param.name; });

TEST(KnownDevices, KeepNoTokenOfWhichOneCharacterIsAnother) {
  const KnownDevices devices(key, lifetime);
  const std::string token = devices.issue("ada", now);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string bent = token;
    bent[i] = bent[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(devices.recognize(bent, "ada", now)) << i;
  }
}

TEST(KnownDevices, ForgetAllWhenTheKeyChanges) {
  const std::string token = KnownDevices(key, lifetime).issue("ada", now);
  EXPECT_FALSE(KnownDevices(Secret(std::string(32, 'x')), lifetime).recognize(token, "ada", now));
}

TEST(KnownDevices, AreEachAnother) {
  const KnownDevices devices(key, lifetime);
  const auto first = devices.recognize(devices.issue("ada", now), "ada", now);
  const auto second = devices.recognize(devices.issue("ada", now), "ada", now);
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
}

}  // namespace
}  // namespace gatehouse::issuer
