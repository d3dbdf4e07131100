// Recorded tokens explained: what is reported first is what validation reports, and something would mend it.

#include "gatehouse/tokens/explain.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/golden/runner/golden_options.h"

namespace gatehouse::golden {
namespace {

const std::string folder = GATEHOUSE_GOLDEN;

// The tokens of a case, in the order in which they are sent.
std::vector<std::string> tokens_of(const Json& golden_case) {
  const Json steps = golden_case.contains("steps") ? golden_case.at("steps") : Json::array({golden_case});
  std::vector<std::string> found;
  for (const Json& step : steps)
    for (const Json& header : step.at("request").at("headers"))
      if (const std::string value = header.at(1);
          header.at(0) == "Authorization" && value.starts_with("Bearer "))
        found.push_back(value.substr(7));
  return found;
}

bool is_one_local_scheme(const Json& golden_case) {
  const Json& options = golden_case.at("options");
  return !options.contains("schemes") && !options.contains("metadata");
}

void apply(const tokens::Fix& fix, tokens::TokenValidationParameters& to) {
  const Json value = Json::parse(fix.value);
  if (fix.setting == "Jwt:Audiences")
    to.valid_audiences = value;
  else if (fix.setting == "Jwt:Issuers")
    to.valid_issuers = value;
  else if (fix.setting == "Jwt:ValidTypes")
    to.valid_types = value;
  else if (fix.setting == "Jwt:ValidAlgorithms")
    to.valid_algorithms = value;
  else if (fix.setting == "Jwt:ClockSkew")
    to.clock_skew = Seconds(std::stoll(value.get<std::string>()));
  else
    FAIL() << "no such setting: " << fix.setting;
}

// A proposed setting has to do what it says: another failure may follow, and this one is gone.
void expect_settings_to_help(const tokens::Explanation& explanation, const std::string& token,
                             const tokens::TokenValidationParameters& parameters, Instant now) {
  for (const tokens::Fix& fix : explanation.fixes) {
    if (fix.kind != tokens::FixKind::setting) continue;
    auto mended = parameters;
    apply(fix, mended);
    const auto again = tokens::explain(token, tokens::TokenValidator::make(mended).value(), now);
    EXPECT_TRUE(again.is_accepted() || again.failure()->kind != explanation.failure()->kind)
        << fix.setting << " = " << fix.value;
  }
}

struct Area {
  const char* name;
  std::size_t denials;  // at least so many of its tokens are refused
};

class GoldenExplanation : public testing::TestWithParam<Area> {};

TEST_P(GoldenExplanation, AgreesWithValidationAndHasAFix) {
  const KeyRing keys = KeyRing::read(folder + "/keys.json");
  std::ifstream file(folder + "/cases-" + GetParam().name + ".jsonl");
  std::size_t denials = 0;
  for (std::string line; std::getline(file, line);) {
    const Json golden_case = Json::parse(line);
    if (!is_one_local_scheme(golden_case)) continue;
    SCOPED_TRACE(golden_case.at("id").get<std::string>());
    const auto options = read_options(golden_case.at("options"), keys);
    auto parameters = options.token_validation_parameters;
    if (parameters.valid_audience.empty()) parameters.valid_audience = options.audience;
    const auto validator = tokens::TokenValidator::make(parameters);
    if (!validator) continue;  // the host would not start
    const Instant now = parse_instant(golden_case.at("now").get<std::string>()).value();
    for (const std::string& token : tokens_of(golden_case)) {
      const tokens::Explanation explanation = tokens::explain(token, *validator, now);
      const auto judged = validator->validate(token, now);
      EXPECT_EQ(explanation.failure() ? *explanation.failure() : Error{}, judged ? Error{} : judged.error());
      EXPECT_EQ(explanation.is_accepted(), judged.has_value());
      EXPECT_EQ(explanation.fixes.empty(), judged.has_value());
      if (!judged) expect_settings_to_help(explanation, token, parameters, now);
      if (!judged) ++denials;
    }
  }
  EXPECT_GE(denials, GetParam().denials);
}

INSTANTIATE_TEST_SUITE_P(Areas, GoldenExplanation,
                         testing::Values(Area{"structure", 150}, Area{"signature", 250}, Area{"issuer", 40},
                                         Area{"audience", 50}, Area{"lifetime", 100}, Area{"typ", 25},
                                         Area{"order", 30}, Area{"jwe", 50}, Area{"claims", 10},
                                         Area{"challenge", 80}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace gatehouse::golden
