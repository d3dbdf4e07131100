#include "tests/golden/runner/compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gatehouse/authentication/challenge.h"
#include "tests/golden/runner/failure_table.h"

namespace gatehouse::golden {
namespace {

using claims::Claim;
using claims::ClaimsIdentity;
using claims::ClaimsPrincipal;

std::string text_at(const Json& object, const char* name) {
  return object.contains(name) && object.at(name).is_string() ? object.at(name).get<std::string>() : "";
}

Json value_of(const std::optional<Instant>& instant) {
  return instant ? Json(to_unix_seconds(*instant)) : Json(nullptr);
}

class Differences {
 public:
  template <class Expected, class Seen>
  void check(std::string_view what, const Expected& expected, const Seen& seen) {
    if (Json(expected) == Json(seen)) return;
    found.push_back(fmt::format("{}: expected {}, saw {}", what, print(expected), print(seen)));
  }
  std::vector<std::string> found;

 private:
  static std::string print(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
};

// The corpus holds the parts of the original's sentences; these are the sentences (anatomy of the challenge).
std::string sentence(const Json& part) {
  const std::string kind = part.at("kind");
  const Json& values = part.at("values");
  if (kind == "audience")
    return fmt::format("The audience '{}' is invalid", values.at("audience").get<std::string>());
  if (kind == "issuer")
    return fmt::format("The issuer '{}' is invalid", values.at("issuer").get<std::string>());
  if (kind == "no_expiration") return "The token has no expiration";
  if (kind == "lifetime_invalid")
    return fmt::format("The token lifetime is invalid; NotBefore: '{}', Expires: '{}'",
                       values.at("not_before").get<std::string>(), values.at("expires").get<std::string>());
  if (kind == "not_before")
    return fmt::format("The token is not valid before '{}'", values.at("not_before").get<std::string>());
  if (kind == "expired")
    return fmt::format("The token expired at '{}'", values.at("expired_at").get<std::string>());
  if (kind == "key_not_found") return "The signature key was not found";
  if (kind == "signature") return "The signature is invalid";
  return "an unknown sentence: " + kind;
}

std::vector<std::string> expected_challenges(const Json& expect) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < expect.at("www_authenticate").size(); ++i) {
    std::string line = expect.at("www_authenticate").at(i);
    constexpr std::string_view placeholder = "{error_description}";
    const std::size_t at = line.find(placeholder);
    if (at != line.npos) {
      std::vector<std::string> sentences;
      for (const Json& part : expect.at("error_description").at(i)) sentences.push_back(sentence(part));
      // The original copies values raw; ours are encoded. Cases where that shows are not deviations of
      // substance, so the expectation is put through the same encoder, and the raw form stays in the corpus
      // for who wants to see it.
      line.replace(at, placeholder.size(),
                   authentication::encode_challenge_value(fmt::format("{}", fmt::join(sentences, "; "))));
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

Json claim_row(const Claim& claim) {
  Json row = {claim.type, claim.value, std::string(uri(claim.value_type)), claim.issuer};
  Json more = Json::object();
  if (!claim.short_type.empty()) more["short"] = claim.short_type;
  if (!claim.original_issuer.empty() && claim.original_issuer != claim.issuer)
    more["original_issuer"] = claim.original_issuer;
  if (!more.empty()) row.push_back(more);
  return row;
}

Json claim_rows(const ClaimsIdentity& identity) {
  Json rows = Json::array();
  for (const Claim& claim : identity.claims) rows.push_back(claim_row(claim));
  return rows;
}

Json name_of(const ClaimsIdentity& identity) {
  const std::string* name = identity.name();
  return name ? Json(*name) : Json(nullptr);
}

void compare_user(const Json& expect, const ClaimsPrincipal& user, Differences& differences) {
  const ClaimsIdentity* identity = user.identity();
  differences.check("authenticated", expect.at("authenticated"), user.is_authenticated());
  if (!expect.contains("claims") || !identity) return;
  differences.check("authentication_type", expect.at("authentication_type"), identity->authentication_type);
  differences.check("name", expect.at("name"), name_of(*identity));
  differences.check("name_claim_type", expect.at("name_claim_type"), identity->name_claim_types.front());
  differences.check("role_claim_type", expect.at("role_claim_type"), identity->role_claim_types.front());
  Json claims = Json::array();
  for (const ClaimsIdentity& each : user.identities())
    for (const Json& row : claim_rows(each)) claims.push_back(row);
  differences.check("claims", expect.at("claims"), claims);
  if (expect.contains("identities")) {
    Json identities = Json::array();
    for (const ClaimsIdentity& each : user.identities())
      identities.push_back({{"authentication_type", each.authentication_type},
                            {"authenticated", each.is_authenticated()},
                            {"name", name_of(each)},
                            {"claim_count", each.claims.size()}});
    differences.check("identities", expect.at("identities"), identities);
  }
  Json actor = nullptr;
  if (identity->actor)
    actor = {{"authentication_type", identity->actor->authentication_type},
             {"name", name_of(*identity->actor)},
             {"claims", claim_rows(*identity->actor)}};
  differences.check("actor", expect.contains("actor") ? expect.at("actor") : Json(nullptr), actor);
}

void compare_probes(const Json& expect, const Json& probes, const ClaimsPrincipal& user,
                    Differences& differences) {
  if (!expect.contains("is_in_role") || !probes.contains("is_in_role")) return;
  Json answers = Json::array();
  for (const Json& role : probes.at("is_in_role"))
    answers.push_back({role, user.is_in_role(role.get<std::string>())});
  differences.check("is_in_role", expect.at("is_in_role"), answers);
}

std::string outcome_of(const Observation& seen) {
  if (seen.threw) return "threw";
  if (!seen.has_default_scheme) return "no-default-scheme";
  if (!seen.result) return "threw";
  if (seen.result->is_none()) return "none";
  return seen.result->succeeded() ? "success" : "failure";
}

void compare_failure(const Json& expect, const Observation& seen, Differences& differences) {
  const Error* failure = seen.result ? seen.result->failure() : nullptr;
  if (expect.contains("failure") && failure &&
      !is_same_failure(text_at(expect, "failure"), text_at(expect, "idx"), failure->kind))
    differences.found.push_back(fmt::format("failure: expected {} {}, saw {} ({})",
                                            text_at(expect, "failure"), text_at(expect, "idx"),
                                            code(failure->kind), failure->subject));
  if (expect.contains("failure_message") && failure)
    differences.check("failure_message", expect.at("failure_message"), failure->subject);
  if (!expect.contains("event_exception")) return;
  const std::string type = expect.at("event_exception");
  if (!seen.event_failure || !is_same_exception(type, seen.event_failure->kind))
    differences.found.push_back(fmt::format("event_exception: expected {}, saw {}", type,
                                            seen.event_failure ? code(seen.event_failure->kind) : "nothing"));
}

void compare_ticket(const Json& expect, const Observation& seen, Differences& differences) {
  if (!expect.contains("properties") || !seen.result || !seen.result->ticket()) return;
  const auto& properties = seen.result->ticket()->properties;
  const Json have = {{"issued_utc", value_of(properties.issued_utc)},
                     {"expires_utc", value_of(properties.expires_utc)},
                     {"saved_token", !properties.access_token.empty()}};
  differences.check("properties", expect.at("properties"), have);
}

}  // namespace

std::vector<std::string> compare(const Json& expect, const Json& probes, const Observation& seen,
                                 bool is_racy) {
  Differences differences;
  differences.check("status", expect.at("status"), seen.status);
  if (expect.at("www_authenticate").size() != seen.www_authenticate.size() ||
      expect.contains("error_description"))
    differences.check("www_authenticate", expected_challenges(expect), seen.www_authenticate);
  else
    differences.check("www_authenticate", expect.at("www_authenticate"), seen.www_authenticate);
  differences.check("headers", expect.contains("headers") ? expect.at("headers") : Json::array(),
                    seen.x_headers);
  differences.check("authenticate", text_at(expect, "authenticate"), outcome_of(seen));
  compare_failure(expect, seen, differences);
  differences.check("threw", expect.contains("exception"), seen.threw);
  differences.check("endpoint_reached", expect.at("endpoint_reached"), seen.endpoint_reached);
  compare_user(expect, *seen.user, differences);
  compare_probes(expect, probes, *seen.user, differences);
  compare_ticket(expect, seen, differences);
  differences.check("events", expect.at("events"), seen.events);
  if (expect.contains("metadata_fetches") && !is_racy)
    differences.check("metadata_fetches", expect.at("metadata_fetches"), seen.metadata_fetches);
  return differences.found;
}

bool accepts_what_was_refused(const Json& expect, const Observation& seen) {
  if (seen.endpoint_reached && !expect.at("endpoint_reached").get<bool>()) return true;
  if (seen.user->is_authenticated() && !expect.at("authenticated").get<bool>()) return true;
  return seen.result && seen.result->succeeded() && text_at(expect, "authenticate") != "success";
}

}  // namespace gatehouse::golden
