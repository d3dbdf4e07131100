#include "gatehouse/authorization/requirement.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gatehouse/base/ascii.h"

namespace gatehouse::authorization {
namespace {

using claims::Claim;
using claims::ClaimsIdentity;
using claims::ClaimsPrincipal;

template <class Fits>
bool any_claim(const ClaimsPrincipal& user, const Fits& fits) noexcept {
  return std::ranges::any_of(user.identities(), [&](const ClaimsIdentity& identity) {
    return std::ranges::any_of(identity.claims, [&](const Claim& claim) { return fits(identity, claim); });
  });
}

// Most texts that differ do so in length or in the first character, and that costs no call.
bool same(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && (a.empty() || a.front() == b.front()) && a == b;
}

bool contains(const std::vector<std::string>& list, std::string_view value) noexcept {
  return std::ranges::any_of(list, [value](const std::string& each) { return same(each, value); });
}

bool is_said_by(const std::string& issuer, const Claim& claim) noexcept {
  return issuer.empty() || claim.issuer == issuer;
}

// One of `granted`, which is a list separated by single spaces; nothing else separates (RFC 6749 §3.3).
bool grants(std::string_view granted, const std::vector<std::string>& wanted) noexcept {
  for (;;) {
    const std::size_t space = std::min(granted.find(' '), granted.size());
    if (space > 0 && contains(wanted, granted.substr(0, space))) return true;
    if (space == granted.size()) return false;
    granted.remove_prefix(space + 1);
  }
}

bool is_scope(const Claim& claim) noexcept {
  const std::string& name = claim.short_type.empty() ? claim.type : claim.short_type;
  return claim.value_type == claims::ValueType::string && (same(name, "scope") || same(name, "scp"));
}

class Judge {
 public:
  Judge(const ClaimsPrincipal& user, const CustomVerdicts& custom) noexcept : user_(user), custom_(custom) {}

  Verdict operator()(const Requirement& requirement) const noexcept {
    return std::visit([this](const auto& required) { return said(met(required)); },
                      static_cast<const RequirementKinds&>(requirement));
  }

 private:
  static Verdict said(bool is_met) noexcept { return is_met ? Verdict::met : Verdict::unmet; }
  static Verdict said(Verdict verdict) noexcept { return verdict; }

  bool met(const AuthenticatedRequirement&) const noexcept { return user_.is_authenticated(); }

  bool met(const RolesRequirement& required) const noexcept {
    // The value first: it rules out most claims with one comparison.
    return any_claim(user_, [&](const ClaimsIdentity& identity, const Claim& claim) {
      return contains(required.roles, claim.value) && contains(identity.role_claim_types, claim.type) &&
             is_said_by(required.issuer, claim);
    });
  }

  bool met(const ClaimRequirement& required) const noexcept {
    return any_claim(user_, [&](const ClaimsIdentity&, const Claim& claim) {
      return equals_ignoring_case(claim.type, required.type) &&
             (required.allowed_values.empty() || contains(required.allowed_values, claim.value)) &&
             is_said_by(required.issuer, claim);
    });
  }

  bool met(const ScopeRequirement& required) const noexcept {
    return any_claim(user_, [&](const ClaimsIdentity& identity, const Claim& claim) {
      return identity.is_authenticated() && is_scope(claim) && grants(claim.value, required.scopes) &&
             is_said_by(required.issuer, claim);
    });
  }

  bool met(const NameRequirement& required) const noexcept {
    return std::ranges::any_of(user_.identities(), [&](const ClaimsIdentity& identity) {
      const std::string* name = identity.name();
      return name && *name == required.name;
    });
  }

  bool met(const AssertionRequirement& required) const noexcept { return required.holds(user_); }

  Verdict met(const AnyOfRequirement& required) const noexcept {
    Verdict best = Verdict::unmet;
    for (const Requirement& one : required.requirements) best = std::max(best, (*this)(one));
    return best;
  }

  Verdict met(const AllOfRequirement& required) const noexcept {
    Verdict worst = required.requirements.empty() ? Verdict::unknown : Verdict::met;
    for (const Requirement& one : required.requirements) worst = std::min(worst, (*this)(one));
    return worst;
  }

  Verdict met(const NoneOfRequirement& required) const noexcept {
    if (required.requirements.empty()) return Verdict::unknown;
    Verdict best = Verdict::unmet;
    for (const Requirement& one : required.requirements) best = std::max(best, (*this)(one));
    if (best == Verdict::unknown) return best;
    return said(best == Verdict::unmet && user_.is_authenticated());
  }

  Verdict met(const std::shared_ptr<const CustomRequirement>& required) const noexcept {
    const auto judged = std::ranges::find(custom_, required.get(), &CustomVerdicts::value_type::first);
    return judged == custom_.end() ? Verdict::unknown : judged->second;
  }

  const ClaimsPrincipal& user_;
  const CustomVerdicts& custom_;
};

std::string by(std::string words, const std::string& issuer) {
  return issuer.empty() ? words : fmt::format("{} said by {}", words, issuer);
}

std::string list(std::string_view word, const std::vector<Requirement>& requirements) {
  std::vector<std::string> parts;
  for (const Requirement& one : requirements) parts.push_back(describe(one));
  return fmt::format("{} ({})", word, fmt::join(parts, "; "));
}

std::string words(const AuthenticatedRequirement&) { return "an authenticated user"; }

std::string words(const RolesRequirement& required) {
  return by(fmt::format("role {}", fmt::join(required.roles, " or ")), required.issuer);
}

std::string words(const ClaimRequirement& required) {
  if (required.allowed_values.empty()) return by(fmt::format("claim {}", required.type), required.issuer);
  return by(fmt::format("claim {} = {}", required.type, fmt::join(required.allowed_values, " or ")),
            required.issuer);
}

std::string words(const ScopeRequirement& required) {
  return by(fmt::format("scope {}", fmt::join(required.scopes, " or ")), required.issuer);
}

std::string words(const NameRequirement& required) { return fmt::format("name {}", required.name); }
std::string words(const AssertionRequirement& required) { return required.description; }
std::string words(const AnyOfRequirement& required) { return list("any of", required.requirements); }
std::string words(const AllOfRequirement& required) { return list("all of", required.requirements); }
std::string words(const NoneOfRequirement& required) { return list("none of", required.requirements); }
std::string words(const std::shared_ptr<const CustomRequirement>& required) { return required->describe(); }

template <class T>
const std::vector<Requirement>* inner_as(const Requirement& requirement) {
  const T* composite = std::get_if<T>(&requirement);
  return composite ? &composite->requirements : nullptr;
}

const std::vector<Requirement>* inner(const Requirement& requirement) {
  if (const auto* all = inner_as<AllOfRequirement>(requirement)) return all;
  if (const auto* any = inner_as<AnyOfRequirement>(requirement)) return any;
  return inner_as<NoneOfRequirement>(requirement);
}

}  // namespace

Verdict judge(const Requirement& requirement, const ClaimsPrincipal& user,
              const CustomVerdicts& custom) noexcept {
  return Judge(user, custom)(requirement);
}

std::string describe(const Requirement& requirement) {
  return std::visit([](const auto& required) { return words(required); },
                    static_cast<const RequirementKinds&>(requirement));
}

void for_each(const Requirement& requirement, const std::function<void(const Requirement&)>& visit) {
  visit(requirement);
  if (const auto* requirements = inner(requirement))
    for (const Requirement& one : *requirements) for_each(one, visit);
}

}  // namespace gatehouse::authorization
