#include "gatehouse/base/ip_address.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace gatehouse {
namespace {

struct AddressCase {
  const char* text;
  bool is_public;
};

class EveryAddress : public testing::TestWithParam<AddressCase> {};

TEST_P(EveryAddress, IsReachedByTheWorldOrNot) {
  const auto address = IpAddress::parse(GetParam().text);
  ASSERT_TRUE(address) << GetParam().text;
  EXPECT_EQ(address->is_public(), GetParam().is_public) << GetParam().text;
}

// The first and the last of each range, and their neighbours.
INSTANTIATE_TEST_SUITE_P(
    Ipv4, EveryAddress,
    testing::ValuesIn(std::vector<AddressCase>{
        {"0.0.0.0", false},         {"0.255.255.255", false},   {"1.0.0.0", true},
        {"8.8.8.8", true},          {"9.255.255.255", true},    {"10.0.0.0", false},
        {"10.255.255.255", false},  {"11.0.0.0", true},         {"100.63.255.255", true},
        {"100.64.0.0", false},      {"100.127.255.255", false}, {"100.128.0.0", true},
        {"126.255.255.255", true},  {"127.0.0.1", false},       {"127.255.255.255", false},
        {"128.0.0.0", true},        {"169.253.255.255", true},  {"169.254.169.254", false},
        {"169.255.0.0", true},      {"172.15.255.255", true},   {"172.16.0.0", false},
        {"172.31.255.255", false},  {"172.32.0.0", true},       {"192.0.0.8", false},
        {"192.0.1.0", true},        {"192.0.2.1", false},       {"192.88.99.1", false},
        {"192.167.255.255", true},  {"192.168.0.0", false},     {"192.168.255.255", false},
        {"192.169.0.0", true},      {"198.17.255.255", true},   {"198.18.0.0", false},
        {"198.19.255.255", false},  {"198.20.0.0", true},       {"198.51.100.1", false},
        {"203.0.113.255", false},   {"203.0.114.0", true},      {"223.255.255.255", true},
        {"224.0.0.1", false},       {"239.255.255.255", false}, {"240.0.0.1", false},
        {"255.255.255.255", false},
    }));

INSTANTIATE_TEST_SUITE_P(Ipv6, EveryAddress,
                         testing::ValuesIn(std::vector<AddressCase>{
                             {"::", false},
                             {"::1", false},
                             {"::8.8.8.8", false},
                             {"::ffff:127.0.0.1", false},
                             {"::ffff:169.254.169.254", false},
                             {"::ffff:8.8.8.8", true},
                             {"64:ff9b::10.0.0.1", false},
                             {"64:ff9b::8.8.8.8", true},
                             {"64:ff9b:1::8.8.8.8", false},
                             {"2002:7f00:1::", false},
                             {"2002:808:808::", true},
                             {"2001::1", false},
                             {"2001:1ff:ffff::", false},
                             {"2001:200::1", true},
                             {"2001:db8::1", false},
                             {"2606:4700::1111", true},
                             {"3fff::1", false},
                             {"3fff:1000::1", true},
                             {"4000::1", false},
                             {"fc00::1", false},
                             {"fd12::1", false},
                             {"fe80::1", false},
                             {"ff02::1", false},
                         }));

TEST(IpAddress, HasOneSpelling) {
  for (const char* text :
       {"127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "1.2.3.4.5", "1.2.3", "256.1.1.1", "127.0.0.1 ",
        " ::1", "[::1]", "fe80::1%eth0", "::1::", "", "localhost"})
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  EXPECT_FALSE(IpAddress::parse(std::string_view("127.0.0.1\0x", 11)));
}

TEST(IpAddress, IsItsOctets) {
  const std::array<std::uint8_t, 5> octets = {127, 0, 0, 1, 0};
  EXPECT_EQ(IpAddress::from_octets(std::span(octets).first(4)), IpAddress::parse("127.0.0.1"));
  EXPECT_EQ(IpAddress::from_octets(octets), std::nullopt);
  EXPECT_EQ(IpAddress::parse("::ffff:127.0.0.1")->text(), "127.0.0.1");
  EXPECT_EQ(IpAddress::parse("2001:DB8:0::1")->text(), "2001:db8::1");
  const auto mapped = IpAddress::parse("::ffff:127.0.0.1");
  EXPECT_TRUE(std::ranges::equal(mapped->octets(), std::span(octets).first(4)));
  const auto v6 = IpAddress::parse("2001:db8::1");
  EXPECT_EQ(v6->octets().size(), 16u);
  EXPECT_EQ(v6->octets().front(), 0x20);
}

TEST(IpAddress, LiesWithinBlocksOfItsKind) {
  struct Case {
    const char* address;
    const char* block;
    std::size_t bits;
    bool is_within;
  };
  for (const auto& [address, block, bits, is_within] :
       {Case{"10.1.2.3", "10.0.0.0", 8, true}, Case{"11.1.2.3", "10.0.0.0", 8, false},
        Case{"10.1.2.3", "10.9.9.9", 8, true}, Case{"172.31.0.1", "172.16.0.0", 12, true},
        Case{"172.32.0.1", "172.16.0.0", 12, false}, Case{"1.2.3.4", "1.2.3.4", 32, true},
        Case{"1.2.3.5", "1.2.3.4", 32, false}, Case{"1.2.3.5", "8.8.8.8", 0, true},
        Case{"::ffff:10.0.0.1", "10.0.0.0", 8, true}, Case{"fd00::1", "fd00::", 8, true},
        Case{"::1", "10.0.0.0", 0, false}, Case{"10.0.0.1", "::", 0, false}})
    EXPECT_EQ(IpAddress::parse(address)->is_within(*IpAddress::parse(block), bits), is_within)
        << address << ' ' << block;
}

}  // namespace
}  // namespace gatehouse
