#include "gatehouse/hosting/proxy_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace gatehouse::hosting {
namespace {

using testing::HasSubstr;
using testing::Not;
using Variables = std::map<std::string, std::string>;

Result<ProxySettings> read(const Variables& variables) {
  return ProxySettings::read([&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

// "host:port authorization" of the proxy for `url`, or "direct".
std::string way_to(const std::string& url, const ProxySettings& settings) {
  const Proxy* proxy = settings.proxy_for(*Url::parse(url));
  if (!proxy) return "direct";
  std::string text = proxy->host + ":" + std::to_string(proxy->port);
  if (!proxy->authorization.empty()) text.append(" ").append(proxy->authorization.reveal());
  return text;
}

struct ReadCase {
  const char* name;
  Variables variables;
  std::string http;   // the way to http://a.test
  std::string https;  // the way to https://a.test
};

const ReadCase read_cases[] = {
    {"NothingWhenNothingIsSet", {}, "direct", "direct"},
    {"HttpsProxy", {{"HTTPS_PROXY", "http://proxy:3128"}}, "direct", "proxy:3128"},
    {"HttpsProxyInLowerCase", {{"https_proxy", "http://proxy:3128"}}, "direct", "proxy:3128"},
    {"LowerCaseFirst",
     {{"https_proxy", "http://lower:1"}, {"HTTPS_PROXY", "http://upper:2"}},
     "direct",
     "lower:1"},
    {"UpperCaseBehindAnEmptyOne",
     {{"https_proxy", " "}, {"HTTPS_PROXY", "http://upper:2"}},
     "direct",
     "upper:2"},
    {"HttpProxy", {{"HTTP_PROXY", "http://proxy:3128"}}, "proxy:3128", "direct"},
    {"HttpProxyInLowerCase", {{"http_proxy", "http://proxy:3128"}}, "proxy:3128", "direct"},
    {"NoHttpProxyThatAClientMayHaveSet",
     {{"HTTP_PROXY", "http://evil:1"}, {"REQUEST_METHOD", "GET"}},
     "direct",
     "direct"},
    {"HttpProxyInLowerCaseUnderCgi",
     {{"HTTP_PROXY", "http://evil:1"}, {"http_proxy", "http://proxy:2"}, {"REQUEST_METHOD", "GET"}},
     "proxy:2",
     "direct"},
    {"NoScheme", {{"HTTPS_PROXY", "proxy:3128"}}, "direct", "proxy:3128"},
    {"NoPort", {{"HTTPS_PROXY", "http://proxy"}}, "direct", "proxy:80"},
    {"ASlashAtTheEnd", {{"HTTPS_PROXY", "HTTP://Proxy:3128/"}}, "direct", "proxy:3128"},
    {"AnAddress", {{"HTTPS_PROXY", "http://10.0.0.1:3128"}}, "direct", "10.0.0.1:3128"},
    {"AnAddressOfIpv6", {{"HTTPS_PROXY", "http://[fd00::1]:3128"}}, "direct", "fd00::1:3128"},
    {"UserAndPassword",
     {{"HTTPS_PROXY", "http://Aladdin:open%20sesame@proxy:3128"}},
     "direct",
     "proxy:3128 Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
    {"UserAndPasswordWithoutAScheme", {{"HTTPS_PROXY", "u:p@proxy"}}, "direct", "proxy:80 Basic dTpw"},
    {"AUserAlone", {{"HTTPS_PROXY", "http://u@proxy"}}, "direct", "proxy:80 Basic dTo="},
    {"SignsInAPassword",
     {{"HTTPS_PROXY", "http://u:p@/:%25@proxy"}},
     "direct",
     "proxy:80 Basic dTpwQC86JQ=="},
    {"LettersThatBase64UrlHasNot",
     {{"HTTPS_PROXY", "http://u:%C3%BF%C3%BF~~@proxy"}},
     "direct",
     "proxy:80 Basic dTrDv8O/fn4="},
    {"AnExceptionForAll", {{"HTTPS_PROXY", "http://proxy"}, {"NO_PROXY", "*"}}, "direct", "direct"},
    {"AnExceptionInLowerCase", {{"HTTPS_PROXY", "http://proxy"}, {"no_proxy", "a.test"}}, "direct", "direct"},
};

class ReadProxies : public testing::TestWithParam<ReadCase> {};

TEST_P(ReadProxies, FromTheEnvironment) {
  const auto settings = read(GetParam().variables);
  ASSERT_TRUE(settings) << settings.error().subject;
  EXPECT_EQ(way_to("http://a.test", *settings), GetParam().http);
  EXPECT_EQ(way_to("https://a.test", *settings), GetParam().https);
}

INSTANTIATE_TEST_SUITE_P(ProxySettings, ReadProxies, testing::ValuesIn(read_cases),
                         [](const auto& test) { return test.param.name; });

TEST(ProxySettings, NamesTheVariableThatIsWrongAndNotItsSecret) {
  for (const char* value :
       {"https://u:secret@proxy", "socks5://u:secret@proxy", "http://u:secret@", "http://u:secret@proxy/path",
        "http://u:secret@proxy:0", "http://u:secret@proxy:99999", "http://u:secret@pro xy",
        "http://u:secret%0d%0aX@proxy", "http://u:secret%0@proxy", "http://u%3Av:secret@proxy",
        "http://u:secret@127.1"}) {
    const auto settings = read({{"HTTPS_PROXY", value}});
    ASSERT_FALSE(settings) << value;
    EXPECT_EQ(settings.error().kind, Failure::configuration_invalid);
    EXPECT_THAT(settings.error().subject, testing::StartsWith("HTTPS_PROXY ")) << value;
    EXPECT_THAT(settings.error().subject, Not(HasSubstr("secret"))) << value;
  }
  EXPECT_THAT(read({{"http_proxy", "ftp://proxy"}}).error().subject, testing::StartsWith("http_proxy "));
}

TEST(ProxySettings, KeepLoopbackToThisMachine) {
  const auto settings = read({{"HTTP_PROXY", "http://proxy"}});
  for (const char* host : {"localhost", "localhost.", "a.localhost", "LOCALHOST", "127.0.0.1", "127.255.0.1",
                           "[::1]", "[::ffff:127.0.0.1]"})
    EXPECT_EQ(way_to(std::string("http://") + host + ":8080/", *settings), "direct") << host;
  for (const char* host : {"localhost.example", "notlocalhost", "128.0.0.1", "[::2]"})
    EXPECT_EQ(way_to(std::string("http://") + host + ":8080/", *settings), "proxy:80") << host;
}

struct ExceptCase {
  const char* entries;
  const char* url;
  bool matches;
};

const ExceptCase except_cases[] = {
    {"", "https://a.test", false},
    {"*", "https://a.test", true},
    {"*", "https://10.0.0.1", true},
    {"a.test", "https://a.test", true},
    {"A.Test", "https://a.TEST", true},
    {"a.test", "https://a.test.", true},
    {"a.test.", "https://a.test", true},
    {"a.test", "https://b.a.test", false},
    {"a.test", "https://ba.test", false},
    {".a.test", "https://b.a.test", true},
    {".a.test", "https://c.b.a.test", true},
    {".a.test", "https://a.test", true},
    {".a.test", "https://ba.test", false},
    {".a.test", "https://a.test.evil", false},
    {"*.a.test", "https://b.a.test", true},
    {"*.a.test", "https://a.test", false},
    {"*.a.test", "https://ba.test", false},
    {"b.test,a.test", "https://a.test", true},
    {"b.test, a.test", "https://a.test", true},
    {" b.test a.test ,", "https://a.test", true},
    {"a.test:8443", "https://a.test:8443", true},
    {"a.test:8443", "https://a.test", false},
    {"a.test:443", "https://a.test", true},
    {".a.test:443", "https://b.a.test", true},
    {"a.test:", "https://a.test", false},
    {"a.test:x", "https://a.test", false},
    {"a.test:0", "https://a.test", false},
    {"10.0.0.1", "https://10.0.0.1", true},
    {"10.0.0.1", "https://10.0.0.2", false},
    {"10.0.0.1:8443", "https://10.0.0.1:8443", true},
    {"10.0.0.1:8443", "https://10.0.0.1", false},
    {"10.0.0.1", "https://[::ffff:10.0.0.1]", true},
    {"fd00::1", "https://[fd00::1]", true},
    {"[fd00::1]", "https://[fd00::1]", true},
    {"[fd00::1]:8443", "https://[fd00::1]:8443", true},
    {"[fd00::1]:8443", "https://[fd00::1]", false},
    {"10.0.0.0/8", "https://10.255.0.1", true},
    {"10.0.0.0/8", "https://11.0.0.1", false},
    {"10.0.0.77/8", "https://10.1.2.3", true},
    {"10.0.0.128/25", "https://10.0.0.128", true},
    {"10.0.0.128/25", "https://10.0.0.127", false},
    {"10.0.0.1/32", "https://10.0.0.1", true},
    {"10.0.0.1/32", "https://10.0.0.0", false},
    {"0.0.0.0/0", "https://8.8.8.8", true},
    {"0.0.0.0/0", "https://[2001:4860::1]", false},
    {"0.0.0.0/0", "https://a.test", false},
    {"10.0.0.0/33", "https://10.0.0.0", false},
    {"10.0.0.0/-1", "https://10.0.0.0", false},
    {"10.0.0.0/", "https://10.0.0.0", false},
    {"a.test/8", "https://a.test", false},
    {"fd00::/8", "https://[fdff::1]", true},
    {"fd00::/8", "https://[fe00::1]", false},
    {"a*.test", "https://a*.test", false},
    {"0.1", "https://10.0.0.1", false},
    {".", "https://a.test", false},
    {"*.", "https://a.test", false},
};

class NoProxyFor : public testing::TestWithParam<ExceptCase> {};

TEST_P(NoProxyFor, WhatTheTableSays) {
  const auto url = Url::parse(GetParam().url);
  if (!url) return;  // a name that is none is never asked for
  EXPECT_EQ(NoProxy::parse(GetParam().entries).matches(*url), GetParam().matches)
      << GetParam().entries << " for " << GetParam().url;
}

INSTANTIATE_TEST_SUITE_P(NoProxy, NoProxyFor, testing::ValuesIn(except_cases));

}  // namespace
}  // namespace gatehouse::hosting
