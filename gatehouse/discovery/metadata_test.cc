#include "gatehouse/discovery/metadata.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/test_keys.h"

namespace gatehouse::discovery {
namespace {

const MetadataRules rules = {
    .issuer = "https://issuer.example",
    .address = *Url::parse("https://issuer.example/.well-known/openid-configuration")};

std::string document_with(const std::string& jwks_uri) {
  return fmt::format(R"({{"issuer":"https://issuer.example","jwks_uri":"{}"}})", jwks_uri);
}

TEST(ParseMetadata, ReadsWhatCountsAndNoMore) {
  const auto metadata = parse_metadata(
      R"({"issuer":"https://issuer.example","jwks_uri":"https://keys.example:8443/jwks?v=1",
          "id_token_signing_alg_values_supported":["none","HS256"],"more":{"of":[1,2]}})",
      rules);
  ASSERT_TRUE(metadata) << metadata.error().subject;
  EXPECT_EQ(metadata->issuer, "https://issuer.example");
  EXPECT_EQ(metadata->jwks_uri.text(), "https://keys.example:8443/jwks?v=1");
}

struct BadMetadata {
  const char* name;
  std::string document;
  const char* why;
};

class UnusableMetadata : public testing::TestWithParam<BadMetadata> {};

TEST_P(UnusableMetadata, IsRefusedWithTheReason) {
  const auto metadata = parse_metadata(GetParam().document, rules);
  ASSERT_FALSE(metadata);
  EXPECT_EQ(metadata.error().kind, Failure::metadata_invalid);
  EXPECT_TRUE(metadata.error().subject.contains(GetParam().why)) << metadata.error().subject;
}

const std::vector<BadMetadata> bad_metadata = {
    {"Empty", "", "no JSON"},
    {"Html", "<html></html>", "no JSON"},
    {"Array", "[]", "no JSON object"},
    {"IssuerTwice",
     R"({"issuer":"https://issuer.example","issuer":"https://issuer.example","jwks_uri":"https://a"})",
     "no JSON that can be read"},
    {"NoIssuer", R"({"jwks_uri":"https://issuer.example/jwks"})", "no 'issuer'"},
    {"IssuerArray", R"({"issuer":["https://issuer.example"],"jwks_uri":"https://issuer.example/jwks"})",
     "no 'issuer'"},
    {"IssuerSlash", R"({"issuer":"https://issuer.example/","jwks_uri":"https://issuer.example/jwks"})",
     "its issuer is 'https://issuer.example/', and 'https://issuer.example' was asked"},
    {"IssuerCase", R"({"issuer":"HTTPS://issuer.example","jwks_uri":"https://issuer.example/jwks"})",
     "letter by letter"},
    {"NoJwksUri", R"({"issuer":"https://issuer.example"})", "no 'jwks_uri'"},
    {"JwksUriNumber", R"({"issuer":"https://issuer.example","jwks_uri":7})", "no 'jwks_uri'"},
    {"JwksUriRelative", document_with("/jwks"), "no address"},
    {"JwksUriHttp", document_with("http://issuer.example/jwks"), "require_https_metadata"},
    {"JwksUriPort", document_with("https://issuer.example:22/jwks"), "port 22"},
    {"JwksUriPortEdge", document_with("https://issuer.example:1023/jwks"), "port 1023"},
    {"JwksUriLoopback", document_with("https://127.0.0.1/jwks"), "127.0.0.1, which is not public"},
    {"JwksUriPrivate", document_with("https://10.0.0.1/jwks"), "allow_private_addresses"},
    {"JwksUriMapped", document_with("https://[::ffff:169.254.169.254]/"), "not public"},
};

INSTANTIATE_TEST_SUITE_P(ParseMetadata, UnusableMetadata, testing::ValuesIn(bad_metadata),
                         [](const auto& test) { return test.param.name; });

TEST(ParseMetadata, GoesWhereTheOperatorSaid) {
  MetadataRules private_rules = rules;
  private_rules.allow_private = true;
  EXPECT_TRUE(parse_metadata(document_with("https://10.0.0.1:6443/jwks"), private_rules));

  MetadataRules here = rules;
  here.address = *Url::parse("https://127.0.0.1:943/.well-known/openid-configuration");
  EXPECT_TRUE(parse_metadata(document_with("https://127.0.0.1:943/jwks"), here));
  EXPECT_FALSE(parse_metadata(document_with("https://127.0.0.2:943/jwks"), here));
  EXPECT_FALSE(parse_metadata(document_with("https://127.0.0.1:944/jwks"), here));
  EXPECT_TRUE(parse_metadata(document_with("https://127.0.0.1:80/jwks"), here));
  EXPECT_TRUE(parse_metadata(document_with("https://127.0.0.1:1024/jwks"), here));

  MetadataRules plain = rules;
  plain.require_https = false;
  EXPECT_TRUE(parse_metadata(document_with("http://issuer.example/jwks"), plain));
}

std::string set_of(const std::vector<std::string>& keys) {
  std::string text = R"({"keys":[)";
  for (std::size_t i = 0; i < keys.size(); ++i) text += (i ? "," : "") + keys[i];
  return text + "]}";
}

TEST(ParseKeySet, TakesASetThatCanVerifySomething) {
  const jose::Key key = jose::Key::from_pem(test_keys::p256, "k1").value();
  const std::string secret = R"({"kty":"oct","k":"AAAA","kid":"s"})";
  EXPECT_EQ(parse_key_set(set_of({key.public_jwk(), secret}))->keys().size(), 1u);
  EXPECT_TRUE(parse_key_set("{}").error().subject.contains("no key set"));
  EXPECT_TRUE(parse_key_set("<html>").error().subject.contains("no key set"));
  EXPECT_TRUE(parse_key_set(set_of({})).error().subject.contains("no key that verifies"));
  EXPECT_TRUE(parse_key_set(set_of({secret})).error().subject.contains("and 1 others"));
  const auto lost = parse_key_set(set_of({key.public_jwk(), std::string(key.private_jwk().reveal())}));
  EXPECT_TRUE(lost.error().subject.contains("holds a private key"));
  for (const auto& bad : {parse_key_set("{}"), parse_key_set(set_of({})), lost})
    EXPECT_EQ(bad.error().kind, Failure::metadata_invalid);
}

}  // namespace
}  // namespace gatehouse::discovery
