#include "gatehouse/tokens/token_descriptor.h"

#include <gtest/gtest.h>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jwe.h"

namespace gatehouse::tokens {
namespace {

const jose::Key key = jose::Key::symmetric(Secret("the first secret of 32 octets !!"), "k1");

TokenDescriptor descriptor() {
  return {.issuer = "i",
          .audiences = {"a"},
          .subject = "s",
          .id = "j",
          .issued_at = Instant(Seconds(10)),
          .not_before = Instant(std::chrono::milliseconds(10'999)),
          .expires = Instant(Seconds(20))};
}

std::string payload(const TokenDescriptor& of) {
  const std::string token = write(of, key, jose::Algorithm::HS256).value();
  const std::size_t first = token.find('.');
  return base64url::decode(std::string_view(token).substr(first + 1, token.rfind('.') - first - 1)).value();
}

TEST(Write, PutsRegisteredClaimsFirstInWholeSeconds) {
  auto with = descriptor();
  with.claims = {{"role", "Admin"},
                 {"scope", std::vector<std::string>{"r"}},
                 {"n", std::int64_t{7}},
                 {"b", true},
                 {"act", RawJson{R"({"sub":"x"})"}}};
  EXPECT_EQ(
      payload(with),
      R"({"iss":"i","aud":"a","sub":"s","jti":"j","iat":10,"nbf":10,"exp":20,"role":"Admin","scope":["r"],"n":7,"b":true,"act":{"sub":"x"}})");
}

TEST(Write, MakesARandomIdAndSeveralAudiencesAList) {
  auto with = descriptor();
  with.id.clear();
  with.audiences = {"a", "b"};
  EXPECT_NE(payload(with).find(R"("aud":["a","b"])"), std::string::npos);
  EXPECT_NE(payload(with), payload(with));
}

TEST(Write, RefusesWhatWouldContradictItself) {
  auto backwards = descriptor();
  backwards.expires = backwards.not_before;
  EXPECT_EQ(write(backwards, key, jose::Algorithm::HS256).error().kind, Failure::lifetime_invalid);
  for (const auto& claims :
       {std::vector<std::pair<std::string, ClaimValue>>{{"exp", "x"}}, {{"a", "1"}, {"a", "2"}}}) {
    auto twice = descriptor();
    twice.claims = claims;
    EXPECT_EQ(write(twice, key, jose::Algorithm::HS256).error().kind, Failure::duplicate_member);
  }
  const EncryptingCredentials to{.key = jose::Key::generate(jose::ContentEncryption::A128GCM, "e1").value(),
                                 .algorithm = jose::KeyManagement::dir,
                                 .content = jose::ContentEncryption::A128GCM};
  EXPECT_EQ(write_encrypted(backwards, to).error().kind, Failure::lifetime_invalid);
  EXPECT_EQ(write(backwards, key, jose::Algorithm::HS256, to).error().kind, Failure::lifetime_invalid);
}

TEST(Write, NestsASignedTokenInAnEncryptedOne) {
  const jose::Key recipient = jose::Key::generate(jose::ContentEncryption::A128GCM, "e1").value();
  const EncryptingCredentials to{
      .key = recipient, .algorithm = jose::KeyManagement::dir, .content = jose::ContentEncryption::A128GCM};
  const std::string nested = write(descriptor(), key, jose::Algorithm::HS256, to).value();
  const auto jwe = jose::parse_jwe(nested);
  ASSERT_TRUE(jwe);
  EXPECT_EQ(jwe->header.cty, "JWT");
  EXPECT_EQ(jwe->header.kid, "e1");
  EXPECT_EQ(jose::decrypt(*jwe, recipient), write(descriptor(), key, jose::Algorithm::HS256));
  const std::string alone = write_encrypted(descriptor(), to).value();
  EXPECT_EQ(jose::decrypt(*jose::parse_jwe(alone), recipient), payload(descriptor()));
  EXPECT_EQ(jose::parse_jwe(alone)->header.cty, "");
}

TEST(Write, DefaultTimesFillOnlyWhatIsOpen) {
  const Instant now(Seconds(1000));
  const auto all = with_default_times({.issuer = "i"}, now);
  EXPECT_EQ(all.issued_at, now);
  EXPECT_EQ(all.not_before, now);
  EXPECT_EQ(all.expires, now + std::chrono::hours(1));
  const auto some = with_default_times({.not_before = Instant(Seconds(2000))}, now, Seconds(60));
  EXPECT_EQ(some.issued_at, now);
  EXPECT_EQ(some.expires, Instant(Seconds(2060)));
  EXPECT_EQ(with_default_times({.expires = Instant(Seconds(5))}, now).expires, Instant(Seconds(5)));
}

}  // namespace
}  // namespace gatehouse::tokens
