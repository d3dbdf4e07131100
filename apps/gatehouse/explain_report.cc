#include "apps/gatehouse/explain_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/gatehouse/command_line.h"
#include "gatehouse/base/json.h"

namespace gatehouse::program {
namespace {

using tokens::Check;
using tokens::CheckVerdict;
using tokens::ExplainedCheck;

struct Paint {
  bool in_color;
  std::string operator()(const char* color, std::string_view text) const {
    return in_color ? fmt::format("\x1b[{}m{}\x1b[0m", color, text) : std::string(text);
  }
};

constexpr const char* green = "32";
constexpr const char* red = "31";
constexpr const char* dim = "2";

std::string_view word(int status) {
  switch (status) {
    case 200:
      return "accepted";
    case 401:
      return "invalid_token";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 405:
      return "method_not_allowed";
    default:
      return "bad_request";
  }
}

// What is said of every token, and what is worth a line only when there is something to say.
bool is_shown(const ExplainedCheck& step) {
  switch (step.check) {
    case Check::lifetime:
    case Check::audience:
    case Check::issuer:
      return true;
    case Check::read:
    case Check::key:
    case Check::signature:
    case Check::type:
      return step.verdict != CheckVerdict::off;
    case Check::payload:
      return step.verdict == CheckVerdict::failed;
    default:
      return step.verdict == CheckVerdict::passed || step.verdict == CheckVerdict::failed;
  }
}

std::string quoted(std::string_view seen) { return seen.empty() ? "nothing" : fmt::format("\"{}\"", seen); }

std::string failure_of(const ExplainedCheck& step) {
  if (step.check == Check::audience)
    return fmt::format("token says {}; this API is {}", quoted(step.seen), quoted(step.expected));
  if (step.check == Check::issuer)
    return fmt::format("token says {}; trusted is {}", quoted(step.seen), quoted(step.expected));
  const Error& failure = *step.failure;
  constexpr std::size_t longest = 200;
  const bool is_long = failure.subject.size() > longest;
  std::string text = step.check == Check::lifetime ? step.seen
                     : is_long                     ? describe({.kind = failure.kind})
                                                   : describe(failure);
  if (!step.expected.empty()) text += "; expected " + step.expected;
  return text;
}

std::string detail_of(const ExplainedCheck& step) {
  switch (step.verdict) {
    case CheckVerdict::passed:
      return step.seen;
    case CheckVerdict::failed:
      return failure_of(step);
    case CheckVerdict::off:
      return fmt::format("not asked for; token says {}", quoted(step.seen));
    case CheckVerdict::not_reached:
      break;
  }
  return "not reached";
}

std::string line(const Paint& paint, CheckVerdict verdict, std::string_view name, std::string_view detail) {
  const bool passed = verdict == CheckVerdict::passed;
  const bool failed = verdict == CheckVerdict::failed;
  const std::string mark = paint(passed ? green : failed ? red : dim, passed ? "ok" : failed ? "NO" : "--");
  return fmt::format("  {}    {:<11}{}\n", mark, name, printable(detail));
}

std::string policy_line(const Report& report, const Paint& paint) {
  const auto& route = *report.route;
  if (route.status == 400 || route.status == 404 || route.status == 405)
    return line(paint, CheckVerdict::failed, "route", word(route.status));
  if (!route.policy) return line(paint, CheckVerdict::passed, "policy", "none: open to everybody");
  const std::string name = route.policy->name.empty() ? "the policy" : route.policy->name;
  if (report.explanation.is_accepted())
    return line(paint, route.status == 200 ? CheckVerdict::passed : CheckVerdict::failed, "policy",
                route.status == 200 ? name : report.missing);
  return line(paint, CheckVerdict::not_reached, "policy",
              route.status == 200 ? fmt::format("not reached; it would allow: {}", name)
                                  : fmt::format("not reached; it would also refuse: {}", report.missing));
}

// "Jwt:Audiences" and a value, as they stand in a settings file.
std::string as_settings(const tokens::Fix& fix) {
  std::string text = fix.value;
  std::string_view key = fix.setting;
  while (!key.empty()) {
    const std::size_t colon = key.rfind(':');
    const bool is_inner = colon != key.npos;
    text = fmt::format("\"{}\": {}", key.substr(is_inner ? colon + 1 : 0), text);
    if (is_inner) text = fmt::format("{{ {} }}", text);
    key = key.substr(0, is_inner ? colon : 0);
  }
  return text;
}

std::string fix_lines(const std::vector<PlacedFix>& fixes) {
  std::size_t width = 0;
  for (const auto& [fix, where] : fixes)
    if (!fix.value.empty()) width = std::max(width, fix.sentence.size() + 1);
  std::string text = fixes.size() > 1 ? "\n  Fix one of\n" : "\n  Fix\n";
  for (const auto& [fix, where] : fixes) {
    text += "    " + printable(fix.sentence);
    if (!fix.value.empty())
      text += std::string(width - fix.sentence.size(), ' ').replace(0, 1, ":") + "  " +
              printable(fix.setting.empty() ? fix.value : as_settings(fix));
    if (!where.empty()) text += "     " + where;
    text += '\n';
  }
  return text;
}

bool is_unverified(const tokens::Explanation& explanation) {
  return std::ranges::any_of(explanation.checks, &ExplainedCheck::is_unverified);
}

std::string_view name(CheckVerdict verdict) {
  switch (verdict) {
    case CheckVerdict::passed:
      return "passed";
    case CheckVerdict::failed:
      return "failed";
    case CheckVerdict::off:
      return "off";
    case CheckVerdict::not_reached:
      break;
  }
  return "not_reached";
}

void write_checks(const tokens::Explanation& explanation, json::Writer& json) {
  json.name("checks").begin_array();
  for (const ExplainedCheck& step : explanation.checks) {
    json.begin_object().member("check", name(step.check)).member("verdict", name(step.verdict));
    if (step.failure) json.member("code", code(step.failure->kind));
    if (!step.seen.empty()) json.member("seen", step.seen);
    if (!step.expected.empty()) json.member("expected", step.expected);
    if (step.is_unverified) json.member("unverified", true);
    json.end_object();
  }
  json.end_array();
}

// The one that decides stands first, as it does for whoever reads the log.
void write_failures(const Report& report, json::Writer& json) {
  const auto write = [&](std::string_view check, std::string_view failure) {
    json.begin_object().member("check", check).member("code", failure).end_object();
  };
  const auto& [checks, decisive, fixes] = report.explanation;
  json.name("failures").begin_array();
  if (decisive) write(name(checks[*decisive].check), code(checks[*decisive].failure->kind));
  for (std::size_t i = 0; i < checks.size(); ++i)
    if (checks[i].failure && i != decisive) write(name(checks[i].check), code(checks[i].failure->kind));
  if (!report.missing.empty())
    write("policy", report.route->decision.missing_scope.empty() ? "forbidden" : "scope_missing");
  json.end_array();
}

}  // namespace

std::string to_text(const Report& report, bool in_color) {
  const Paint paint{in_color};
  std::string text = fmt::format("{} {}", report.status, word(report.status));
  if (!report.subject.empty()) text += " for " + printable(report.subject);
  if (!report.target.empty()) text += " at " + printable(report.target);
  text = paint(report.status == 200 ? green : red, text) + ", " + report.judge + "\n\n";
  for (const ExplainedCheck& step : report.explanation.checks)
    if (is_shown(step)) text += line(paint, step.verdict, name(step.check), detail_of(step));
  if (report.route) text += policy_line(report, paint);
  if (is_unverified(report.explanation))
    text += "\n  No key vouches for this token: below the signature stands what it claims, no more.\n";
  if (!report.fixes.empty()) text += fix_lines(report.fixes);
  if (!report.code.empty()) text += fmt::format("  More: gatehouse help {}\n", report.code);
  return text;
}

std::string to_json(const Report& report) {
  json::Writer json;
  json.begin_object()
      .member("verdict", report.status == 200 ? "accepted" : "refused")
      .member("status", report.status)
      .member("code", report.code)
      .member("subject", report.subject)
      .member("route", report.target);
  write_checks(report.explanation, json);
  if (report.route) {
    json.name("policy").begin_object().member("status", report.route->status);
    json.member("name", report.route->policy ? report.route->policy->name : "")
        .member("missing", report.missing);
    json.end_object();
  }
  write_failures(report, json);
  json.name("fixes").begin_array();
  for (const auto& [fix, where] : report.fixes)
    json.begin_object()
        .member("kind", name(fix.kind))
        .member("sentence", fix.sentence)
        .member("setting", fix.setting)
        .member("value", fix.value)
        .member("where", where)
        .end_object();
  json.end_array().end_object();
  return printable(json.text()) + '\n';
}

}  // namespace gatehouse::program
