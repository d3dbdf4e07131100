#include "gatehouse/base/url.h"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse {
namespace {

struct GoodUrl {
  const char* name;
  const char* text;
  const char* scheme;
  const char* host;
  std::uint16_t port;
  const char* target;
  const char* authority;
};

class ReadableUrl : public testing::TestWithParam<GoodUrl> {};

TEST_P(ReadableUrl, HasItsParts) {
  const GoodUrl& test = GetParam();
  const auto url = Url::parse(test.text);
  ASSERT_TRUE(url) << url.error().subject;
  EXPECT_EQ(url->scheme, test.scheme);
  EXPECT_EQ(url->host, test.host);
  EXPECT_EQ(url->port, test.port);
  EXPECT_EQ(url->target, test.target);
  EXPECT_EQ(url->authority(), test.authority);
  EXPECT_EQ(Url::parse(url->text()), url);
}

const std::vector<GoodUrl> good_urls = {
    {"Plain", "https://issuer.example/jwks", "https", "issuer.example", 443, "/jwks", "issuer.example"},
    {"NoPath", "https://issuer.example", "https", "issuer.example", 443, "/", "issuer.example"},
    {"QueryAlone", "https://issuer.example?v=2", "https", "issuer.example", 443, "/?v=2", "issuer.example"},
    {"Case", "HTTPS://Issuer.EXAMPLE/JWKS", "https", "issuer.example", 443, "/JWKS", "issuer.example"},
    {"Http", "http://issuer.example/", "http", "issuer.example", 80, "/", "issuer.example"},
    {"Port", "https://issuer.example:8443/a", "https", "issuer.example", 8443, "/a", "issuer.example:8443"},
    {"DefaultPort", "https://issuer.example:443/a", "https", "issuer.example", 443, "/a", "issuer.example"},
    {"LastPort", "https://a:65535/", "https", "a", 65'535, "/", "a:65535"},
    {"Ipv4", "https://10.0.0.1:6443/openid/v1/jwks", "https", "10.0.0.1", 6443, "/openid/v1/jwks",
     "10.0.0.1:6443"},
    {"Ipv6", "https://[2001:DB8::1]:8443/", "https", "2001:db8::1", 8443, "/", "[2001:db8::1]:8443"},
    {"Escapes", "https://a.example/b%20c?d=%2F", "https", "a.example", 443, "/b%20c?d=%2F", "a.example"},
    {"Punctuation", "https://a.example/realms/demo-1/_.~!$&'()*+,;=:@?x=/?", "https", "a.example", 443,
     "/realms/demo-1/_.~!$&'()*+,;=:@?x=/?", "a.example"},
    {"Underscore", "https://my_service.local/", "https", "my_service.local", 443, "/", "my_service.local"},
    {"FinalPoint", "https://a.example./", "https", "a.example.", 443, "/", "a.example."},
};

INSTANTIATE_TEST_SUITE_P(Url, ReadableUrl, testing::ValuesIn(good_urls),
                         [](const auto& test) { return test.param.name; });

struct BadUrlCase {
  const char* name;
  std::string text;
};

class BadUrl : public testing::TestWithParam<BadUrlCase> {};

TEST_P(BadUrl, IsMalformedAndSaysWhy) {
  const auto url = Url::parse(GetParam().text);
  ASSERT_FALSE(url) << url->text();
  EXPECT_EQ(url.error().kind, Failure::malformed);
  EXPECT_TRUE(url.error().subject.starts_with("it")) << url.error().subject;
}

const std::vector<BadUrlCase> bad_urls = {
    {"Empty", ""},
    {"Relative", "/jwks"},
    {"SchemeRelative", "//issuer.example/jwks"},
    {"File", "file:///etc/passwd"},
    {"Gopher", "gopher://127.0.0.1:6379/_FLUSHALL"},
    {"NoHost", "https:///jwks"},
    {"NoSlashes", "https:issuer.example"},
    {"UserInfo", "https://issuer.example@attacker.example/jwks"},
    {"Password", "https://u:p@issuer.example/jwks"},
    {"LineEnd", "https://issuer.example/jwks\r\nX-Injected: 1"},
    {"Blank", "https://issuer.example/jw ks"},
    {"BlankInHost", "https://issuer .example/"},
    {"Backslashes", "https:\\\\attacker.example\\jwks"},
    {"BackslashEndsHost", "https://issuer.example\\@attacker.example/"},
    {"Fragment", "https://issuer.example/jwks#@attacker.example"},
    {"FragmentAfterHost", "https://issuer.example#x"},
    {"Nul", std::string("https://issuer.example/jwks\0.png", 32)},
    {"NulInHost", std::string("https://127.0.0.1\0.example/", 27)},
    {"Umlaut", "https://issuer.example/\xC3\xBC"},
    {"UmlautInHost", "https://iss\xC3\xBCr.example/"},
    {"EscapeInHost", "https://issuer%2eexample/"},
    {"HalfEscape", "https://issuer.example/%2"},
    {"NoEscape", "https://issuer.example/%zz"},
    {"Decimal", "https://2130706433/jwks"},
    {"ShortAddress", "https://127.1/jwks"},
    {"HexAddress", "https://0x7f.0.0.1/"},
    {"HexLast", "https://127.0.0.0x1/"},
    {"OctalAddress", "https://0177.0.0.1/"},
    {"FiveParts", "https://1.2.3.4.5/"},
    {"NumberAtTheEnd", "https://a.example.1/"},
    {"NumberAndPoint", "https://127.1./"},
    {"EmptyLabel", "https://a..example/"},
    {"PointFirst", "https://.example/"},
    {"PointAlone", "https://./"},
    {"LongName", "https://" + std::string(254, 'a') + "/"},
    {"Ipv6Open", "https://[::1/"},
    {"Ipv6Zone", "https://[fe80::1%25eth0]/"},
    {"Ipv6Text", "https://[a.example]/"},
    {"Ipv4InBrackets", "https://[127.0.0.1]/"},
    {"Ipv6Tail", "https://[::1]x/"},
    {"PortZero", "https://a.example:0/"},
    {"PortTooLarge", "https://a.example:65536/"},
    {"PortText", "https://a.example:80a/"},
    {"PortEmpty", "https://a.example:/"},
    {"PortSigned", "https://a.example:-1/"},
    {"Long", "https://issuer.example/" + std::string(2048, 'a')},
};

INSTANTIATE_TEST_SUITE_P(Url, BadUrl, testing::ValuesIn(bad_urls),
                         [](const auto& test) { return test.param.name; });

TEST(Url, HasAnOriginOfSchemeHostAndPort) {
  const Url url = *Url::parse("https://issuer.example/a");
  EXPECT_TRUE(url.has_same_origin(*Url::parse("https://ISSUER.example:443/b?c")));
  EXPECT_FALSE(url.has_same_origin(*Url::parse("http://issuer.example:443/a")));
  EXPECT_FALSE(url.has_same_origin(*Url::parse("https://issuer.example:444/a")));
  EXPECT_FALSE(url.has_same_origin(*Url::parse("https://issuer.example.attacker.example/a")));
}

TEST(Url, IsReadUpToItsCap) {
  const std::string root = "https://issuer.example/";
  EXPECT_TRUE(Url::parse(root + std::string(2048 - root.size(), 'a')));
  EXPECT_TRUE(Url::parse("https://" + std::string(253, 'a') + "/"));
}

}  // namespace
}  // namespace gatehouse
