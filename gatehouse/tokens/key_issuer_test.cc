// Keys that are bound to an issuer, as Entra ID binds those of its common set to a tenant.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "gatehouse/jose/jws.h"
#include "gatehouse/tokens/explain.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::tokens {
namespace {

using jose::Algorithm;
using jose::Key;

constexpr Instant now{Seconds(1'780'272'000)};
constexpr std::string_view any_tenant = "https://login.example/{tenantid}/v2.0";
constexpr std::string_view a = "https://login.example/a/v2.0", b = "https://login.example/b/v2.0";

const Key pair = Key::generate(Algorithm::ES256, "k1").value();

Key bound_to(std::string_view issuer) {
  std::string jwk = pair.public_jwk();
  jwk.pop_back();
  return Key::from_jwk(jwk + fmt::format(R"(,"issuer":"{}"}})", issuer)).value();
}

std::string token_of(std::string_view issuer, std::string_view tenant) {
  std::string claims = R"({"aud":"api://orders","exp":1780272600)";
  if (!issuer.empty()) claims += fmt::format(R"(,"iss":"{}")", issuer);
  if (!tenant.empty()) claims += fmt::format(R"(,"tid":"{}")", tenant);
  return jose::sign_compact(claims + '}', pair, Algorithm::ES256).value();
}

struct BindingCase {
  const char* name;
  Key key;
  std::string token;
  bool is_accepted;
  bool validates_issuer = true;
};

const BindingCase binding_cases[] = {
    {"AKeyOfNobody", pair, token_of(a, "a"), true},
    {"AKeyOfAnEmptyName", bound_to(""), token_of(a, "a"), true},
    {"AKeyOfTheIssuer", bound_to(a), token_of(a, "a"), true},
    {"AKeyOfTheIssuerWhoseTokenNamesNoTenant", bound_to("https://plain.example"),
     token_of("https://plain.example", ""), true},
    {"AKeyOfAnotherTenant", bound_to(b), token_of(a, "a"), false},
    {"AKeyOfTheTenantThatTheTokenOnlyClaims", bound_to(b), token_of(a, "b"), false, false},
    {"AKeyWhoseIssuerGoesOn", bound_to("https://login.example/a/v2.0/"), token_of(a, "a"), false},
    {"AKeyInAnotherCase", bound_to("https://login.example/A/v2.0"), token_of(a, "a"), false},
    {"AKeyOfAnyTenant", bound_to(any_tenant), token_of(a, "a"), true},
    {"AKeyOfAnyTenantOfAnotherCloud", bound_to("https://login.cloud.example/{tenantid}/v2.0"),
     token_of(a, "a"), false},
    {"WithTheIssuerNotAsked", bound_to(a), token_of(a, "a"), true, false},
    {"OfAnotherTenantWithTheIssuerNotAsked", bound_to(b), token_of(a, "a"), false, false},
    {"OfAnyTenantWithTheIssuerNotAskedAndNoTenant", bound_to(any_tenant), token_of(a, ""), false, false},
    {"OfAnyTenantWithTheIssuerNotAskedAndAnother", bound_to(any_tenant), token_of(a, "b"), false, false},
    {"OfAnyTenantWithTheIssuerNotAskedAndItsPlaceLeftAsItIs", bound_to(any_tenant),
     token_of(any_tenant, "{tenantid}"), false, false},
    {"OfAnIssuerThatTheTokenDoesNotName", bound_to(a), token_of("", "a"), false, false},
};

class Binding : public testing::TestWithParam<BindingCase> {
 protected:
  TokenValidator validator() const {
    return TokenValidator::make({.validate_issuer = GetParam().validates_issuer,
                                 .valid_issuers = {std::string(any_tenant), "https://plain.example"},
                                 .valid_audience = "api://orders",
                                 .issuer_signing_keys = {GetParam().key}})
        .value();
  }
};

TEST_P(Binding, OfAKeyDecidesWhoseTokensItVerifies) {
  const auto judged = validator().validate(GetParam().token, now);
  EXPECT_EQ(judged.has_value(), GetParam().is_accepted);
  if (judged) return;
  EXPECT_EQ(judged.error().kind, Failure::issuer_invalid);
  EXPECT_TRUE(judged.error().subject.ends_with(", signed by a key of " + GetParam().key.issuer()))
      << judged.error().subject;
}

TEST_P(Binding, IsExplainedAsItIsJudged) {
  const auto judged = validator().validate(GetParam().token, now);
  const Explanation explanation = explain(GetParam().token, validator(), now);
  ASSERT_EQ(explanation.is_accepted(), GetParam().is_accepted);
  if (judged) return;
  EXPECT_EQ(*explanation.failure(), judged.error());
  EXPECT_EQ(explanation.of(Check::issuer).expected, GetParam().key.issuer());
  EXPECT_FALSE(explanation.fixes.empty());
  // The issuer is trusted already, or none is asked for: no setting helps.
  EXPECT_TRUE(
      std::ranges::none_of(explanation.fixes, [](const Fix& fix) { return fix.kind == FixKind::setting; }));
}

INSTANTIATE_TEST_SUITE_P(Validate, Binding, testing::ValuesIn(binding_cases),
                         [](const auto& test) { return test.param.name; });

TEST(BindingOfAKey, IsAskedAfterTheIssuer) {
  const auto validator = TokenValidator::make({.valid_issuer = std::string(b),
                                               .valid_audience = "api://orders",
                                               .issuer_signing_keys = {bound_to(b)}})
                             .value();
  const auto judged = validator.validate(token_of(a, "a"), now);
  EXPECT_EQ(judged.error(), (Error{Failure::issuer_invalid, std::string(a)}));
}

}  // namespace
}  // namespace gatehouse::tokens
