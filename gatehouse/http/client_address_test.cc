#include "gatehouse/http/client_address.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::http {
namespace {

struct ClientCase {
  const char* name;
  const char* peer;
  std::vector<const char*> forwarded;
  const char* expected;
};

// 10.0.0.0/8 and 2001:db8:1::/48 are trusted.
const ClientCase client_cases[] = {
    {"IsThePeer", "192.0.2.7", {}, "192.0.2.7"},
    {"IsThePeerWhateverItSays", "192.0.2.7", {"198.51.100.1"}, "192.0.2.7"},
    {"IsWhoTheProxySaw", "10.1.2.3", {"198.51.100.1"}, "198.51.100.1"},
    {"IsTheLastThatIsNoProxy", "10.1.2.3", {"203.0.113.9, 198.51.100.1, 10.9.9.9"}, "198.51.100.1"},
    {"IsReadOverSeveralFields", "10.1.2.3", {"203.0.113.9", "198.51.100.1"}, "198.51.100.1"},
    {"IsTheProxyThatSaysNothing", "10.1.2.3", {}, "10.1.2.3"},
    {"IsTheFirstProxyWhereAllAreTrusted", "10.1.2.3", {"10.0.0.9, 10.0.0.8"}, "10.0.0.9"},
    {"IsTheProxyBehindSomethingElse", "10.1.2.3", {"198.51.100.1, unknown"}, "10.1.2.3"},
    {"IsTheProxyBehindNothing", "10.1.2.3", {""}, "10.1.2.3"},
    {"LosesItsPort", "10.1.2.3", {"198.51.100.1:4711"}, "198.51.100.1"},
    {"LosesItsPortOfIpv6", "10.1.2.3", {"[2001:db8:2::1]:4711"}, "2001:db8:2::1"},
    {"IsOfIpv6", "2001:db8:1::5", {"2001:db8:2::1"}, "2001:db8:2::1"},
    {"IsOfIpv4WrittenAsIpv6", "::ffff:10.1.2.3", {"198.51.100.1"}, "198.51.100.1"},
    {"IsUnknown", "", {"198.51.100.1"}, nullptr},
};

class Client : public testing::TestWithParam<ClientCase> {};

TEST_P(Client, IsFound) {
  const std::vector trusted{*IpNetwork::parse("10.0.0.0/8"), *IpNetwork::parse("2001:db8:1::/48")};
  Request request{.remote_address = GetParam().peer};
  for (const char* field : GetParam().forwarded) request.headers.add("x-forwarded-for", field);
  const auto client = client_address(request, trusted);
  EXPECT_EQ(client ? client->text() : "none", GetParam().expected ? GetParam().expected : "none");
}

INSTANTIATE_TEST_SUITE_P(Address, Client, testing::ValuesIn(client_cases),
                         [](const auto& test) { return test.param.name; });

TEST(IpNetwork, IsAnAddressWithItsBits) {
  EXPECT_EQ(IpNetwork::parse("192.0.2.1")->bits, 32U);
  EXPECT_EQ(IpNetwork::parse("::1")->bits, 128U);
  for (const char* text :
       {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "::/129", "10.0.0.0/8x"})
    EXPECT_FALSE(IpNetwork::parse(text)) << text;
}

}  // namespace
}  // namespace gatehouse::http
