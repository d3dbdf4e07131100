#include "gatehouse/tokens/fixes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "gatehouse/base/advice.h"
#include "gatehouse/base/ascii.h"
#include "gatehouse/base/json.h"
#include "gatehouse/tokens/checks.h"
#include "gatehouse/tokens/signature.h"

namespace gatehouse::tokens {
namespace {

using std::chrono::milliseconds;

// Two clocks may differ by so much, and no setting should allow for more.
constexpr milliseconds likely_clock_difference = std::chrono::minutes(5);

std::string_view without_slash(std::string_view text) {
  if (text.ends_with('/')) text.remove_suffix(1);
  return text;
}

// "by a slash at the end", "by upper and lower case"; nothing when they differ by more, or by nothing.
std::string_view small_difference(std::string_view a, std::string_view b) {
  if (a == b) return {};
  if (without_slash(a) == without_slash(b)) return "by a slash at the end";
  if (equals_ignoring_case(a, b)) return "by upper and lower case";
  if (equals_ignoring_case(without_slash(a), without_slash(b))) return "by a slash at the end and by case";
  return {};
}

// The first of `theirs` that is nearly one of `ours`, and by what they differ; else the first of all.
std::pair<std::string_view, std::string_view> nearest_of(const std::vector<std::string>& theirs,
                                                         const std::vector<std::string>& ours) {
  for (const std::string& said : theirs)
    for (const std::string& valid : ours)
      if (const auto difference = small_difference(said, valid); !difference.empty())
        return {said, difference};
  return {theirs.front(), {}};
}

std::string as_list(std::vector<std::string> values, std::string_view further) {
  values.emplace_back(further);
  for (std::string& value : values) value = json::quote(value);
  return fmt::format("[{}]", fmt::join(values, ", "));
}

std::string in_seconds(milliseconds length) {
  return fmt::format("\"{}s\"", std::chrono::ceil<std::chrono::seconds>(length).count());
}

FixKind who_mends(Failure kind) {
  using enum Failure;
  switch (kind) {
    case key_not_found:
    case signature_invalid:
    case key_invalid:
    case weak_key:
    case decryption_failed:
    case alg_not_allowed:
      return FixKind::key;
    case too_large:
    case duplicate_member:
    case too_deep:
    case claim_type_invalid:
    case crit_unsupported:
    case no_signature:
    case decompression_failed:
    case no_expiration:
    case lifetime_invalid:
    case claim_missing:
      return FixKind::issuer;
    case not_yet_valid:
      return FixKind::clock;
    default:  // whatever else a token can be is up to who sent it
      return FixKind::client;
  }
}

class FixFinder {
 public:
  explicit FixFinder(const Diagnosis& diagnosis) : about_(diagnosis) {}

  std::vector<Fix> find() {
    look_closer();
    if (fixes_.empty()) add(who_mends(about_.failure.kind), std::string(advice(about_.failure.kind)));
    return std::move(fixes_);
  }

 private:
  void add(FixKind kind, std::string sentence, std::string setting = {}, std::string value = {}) {
    fixes_.push_back({.kind = kind,
                      .sentence = std::move(sentence),
                      .setting = std::move(setting),
                      .value = std::move(value)});
  }
  // What nobody signed must not talk anybody into trusting it.
  void add_setting(std::string sentence, std::string setting, std::string value) {
    if (about_.is_verified) add(FixKind::setting, std::move(sentence), std::move(setting), std::move(value));
  }

  void look_closer();
  void mend_text();
  void mend_key();
  void mend_algorithm();
  void mend_audience();
  void mend_issuer();
  void mend_type();
  void mend_clock(std::optional<Instant> when, bool is_late);
  const jose::Key* find_fitting_key() const;
  bool has_key_of(bool secret) const;

  const Diagnosis& about_;
  std::vector<Fix> fixes_;
};

void FixFinder::look_closer() {
  using enum Failure;
  switch (about_.failure.kind) {
    case malformed:
      return mend_text();
    case alg_not_allowed:
      return mend_algorithm();
    case key_not_found:
    case signature_invalid:
      return mend_key();
    case expired:
      add(FixKind::client, "the client fetches a new token before the old one expires");
      return mend_clock(about_.claims ? about_.claims->expires() : std::nullopt, true);
    case not_yet_valid:
      return mend_clock(about_.claims ? about_.claims->not_before() : std::nullopt, false);
    case lifetime_invalid:
      return mend_clock(about_.claims ? about_.claims->issued_at() : std::nullopt, false);
    case audience_invalid:
      return mend_audience();
    case issuer_invalid:
      return mend_issuer();
    case type_invalid:
      return mend_type();
    default:
      return;
  }
}

void FixFinder::mend_text() {
  const std::string_view text = about_.text;
  if (text.find_first_of(" \t\r\n\"'") != text.npos)
    add(FixKind::client,
        "the client sends the token alone: without quotes, blanks, line ends or `Bearer` twice");
  else if (!text.contains('.'))
    add(FixKind::client,
        "the client asks for a JWT: this text has no parts, as opaque tokens and session ids have none");
  else if (std::ranges::count(text, '.') < 2)
    add(FixKind::client, "the client sends the whole token: three parts with a dot between them");
}

// The key that would verify the token if its name, its length and the list of algorithms were no matter.
const jose::Key* FixFinder::find_fitting_key() const {
  if (!about_.jws || !about_.jws->is_signed || !about_.keys) return nullptr;
  jose::Header header = *about_.jws->header;
  header.kid.clear();
  header.x5t.clear();
  TokenValidationParameters lax;
  lax.profile = about_.parameters.profile;
  lax.try_all_issuer_signing_keys = true;
  lax.maximum_keys_tried = about_.keys->keys().size();
  lax.key_strength = {.rsa_bits = 0, .hmac_as_long_as_hash = false};
  lax.valid_algorithms = {header.alg};
  jose::Jws anonymous{.header = std::make_shared<const jose::Header>(std::move(header)),
                      .signing_input = about_.jws->signing_input,
                      .payload = about_.jws->payload,
                      .signature = {}};
  anonymous.signature.assign(about_.jws->signature);
  return verify_signature(anonymous, *about_.keys, lax).key.value_or(nullptr);
}

bool FixFinder::has_key_of(bool secret) const {
  return about_.keys && std::ranges::any_of(about_.keys->keys(), [&](const jose::Key& key) {
           return (key.type() == jose::KeyType::oct) == secret;
         });
}

void FixFinder::mend_key() {
  const jose::Key* key = find_fitting_key();
  const auto& listed = about_.parameters.valid_algorithms;
  // The compatibility profile has no failure of its own for that.
  if (key && !listed.empty() && std::ranges::find(listed, about_.jws->header->alg) == listed.end())
    return mend_algorithm();
  const std::string kid = about_.jws ? about_.jws->header->kid : std::string();
  if (key && key->kid() != kid)
    add(FixKind::key,
        fmt::format("the key is here under another name: give the key '{}' the kid that the token "
                    "names",
                    key->kid()),
        {}, json::quote(kid));
  else if (about_.failure.kind == Failure::key_not_found)
    add(FixKind::key, "this API gets the issuer's current keys: none here verifies the token");
  add(FixKind::key, std::string(advice(about_.failure.kind)));
  if (about_.failure.kind == Failure::signature_invalid && !key)
    add(FixKind::client,
        "the client sends the token as the issuer wrote it: one changed character is enough");
}

void FixFinder::mend_algorithm() {
  const std::string alg = about_.jws ? about_.jws->header->alg : std::string();
  const auto algorithm = jose::parse_algorithm(alg);
  if (find_fitting_key() != nullptr) {
    auto listed = about_.parameters.valid_algorithms;
    add(FixKind::setting, fmt::format("the key fits and the signature is good: allow {} here", alg),
        "Jwt:ValidAlgorithms", as_list(std::move(listed), alg));
    return;
  }
  const bool is_secret = algorithm && jose::traits(*algorithm).key_type == jose::KeyType::oct;
  if (is_secret && has_key_of(false))
    add(FixKind::issuer,
        fmt::format("the issuer signs with its private key: {} is for a shared secret, and the key here is "
                    "public, which is no secret",
                    alg));
  else if (algorithm && !is_secret && has_key_of(true))
    add(FixKind::key,
        fmt::format("this API gets the issuer's public key: {} needs one, and here is a secret", alg));
  add(FixKind::key, std::string(advice(about_.failure.kind)));
}

void FixFinder::mend_audience() {
  const auto& all = about_.parameters;
  const std::vector<std::string> ours = joined(all.valid_audience, all.valid_audiences);
  std::vector<std::string> theirs;  // but for blank ones, which no setting accepts
  if (about_.claims) {
    const auto audiences = audiences_of(*about_.claims, all);
    theirs = joined({}, {audiences.begin(), audiences.end()});
  }
  if (theirs.empty()) {
    add(FixKind::issuer, "the issuer writes `aud`", {}, ours.empty() ? "" : json::quote(ours.front()));
    return;
  }
  const auto [meant, difference] = nearest_of(theirs, ours);
  if (!difference.empty())
    add_setting(fmt::format("the names differ only {}: accept the token's too", difference), "Jwt:Audiences",
                as_list(ours, meant));
  add(FixKind::client, "the client asks for the right API", {},
      ours.empty() ? "" : "resource=" + ours.front());
  if (difference.empty()) add_setting("accept both names here", "Jwt:Audiences", as_list(ours, meant));
}

void FixFinder::mend_issuer() {
  const auto& all = about_.parameters;
  const std::vector<std::string> ours = joined(all.valid_issuer, all.valid_issuers);
  const auto said = about_.claims ? about_.claims->issuer() : std::nullopt;
  const std::vector<std::string> theirs = joined(std::string(said.value_or("")), {});
  if (theirs.empty()) {
    add(FixKind::issuer, "the issuer writes `iss`", {}, ours.empty() ? "" : json::quote(ours.front()));
    return;
  }
  if (check_issuer(*about_.claims, all)) {
    add(FixKind::issuer, "the issuer signs with a key of its own, and not with one that is bound to another");
    return;
  }
  const auto [_, difference] = nearest_of(theirs, ours);
  add_setting(difference.empty()
                  ? "the signature is good: trust this issuer too"
                  : fmt::format("the names differ only {}: accept the token's too", difference),
              "Jwt:Issuers", as_list(ours, theirs.front()));
  add(FixKind::client, "the client gets its token from the issuer that is trusted here", {},
      ours.empty() ? "" : ours.front());
}

void FixFinder::mend_type() {
  const std::string typ = about_.jws ? about_.jws->header->typ : std::string();
  if (typ.empty()) {
    add(FixKind::issuer, "the issuer writes `typ` into the header");
    return;
  }
  add(FixKind::client, "the client sends its access token; this is another kind, often an ID token");
  add_setting("accept this type here", "Jwt:ValidTypes", as_list(about_.parameters.valid_types, typ));
}

void FixFinder::mend_clock(std::optional<Instant> when, bool is_late) {
  const Instant now = about_.now;
  const Instant furthest = is_late ? now - likely_clock_difference : now + likely_clock_difference;
  const bool is_near =
      when && (is_late ? *when >= furthest && *when < now : *when <= furthest && *when > now);
  if (!is_near) return;
  const milliseconds difference = is_late ? now - *when : *when - now;
  add(FixKind::clock,
      fmt::format("compare the clocks of issuer and API: {} apart would explain it", rounded(difference)));
  if (difference > about_.parameters.clock_skew)
    add_setting("allow for clocks that differ so much", "Jwt:ClockSkew", in_seconds(difference));
}

}  // namespace

std::vector<Fix> find_fixes(const Diagnosis& diagnosis) { return FixFinder(diagnosis).find(); }

std::string rounded(milliseconds length) {
  struct Unit {
    milliseconds one;
    std::string_view name;
  };
  constexpr Unit units[] = {{std::chrono::years(1), "years"},
                            {std::chrono::days(1), "d"},
                            {std::chrono::hours(1), "h"},
                            {std::chrono::minutes(1), "min"}};
  for (const auto& [one, name] : units)
    if (length >= 2 * one) return fmt::format("{} {}", length / one, name);
  return fmt::format("{} s", std::chrono::floor<std::chrono::seconds>(length).count());
}

}  // namespace gatehouse::tokens
