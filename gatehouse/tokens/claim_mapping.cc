#include "gatehouse/tokens/claim_mapping.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "gatehouse/base/ascii.h"
#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jws.h"

namespace gatehouse::tokens {
namespace {

using claims::Claim;
using claims::ClaimsIdentity;
using claims::ValueType;

// "2026-06-01T12:34:56.1234567Z": the one spelling of a date that the original takes for one.
bool is_round_trip_date(std::string_view text) {
  constexpr std::string_view shape = "dddd-dd-ddTdd:dd:dd.ddddddd";
  if (text.size() <= shape.size() || !parse_instant(text)) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == 'd' ? !digit : text[i] != shape[i]) return false;
  }
  return true;
}

// Shortest digits that round-trip, with an exponent outside 1E-05 … 1E+15: how .NET writes a double.
std::string original_number(double number) {
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific).ptr;
  const std::string scientific(buffer, end);
  const std::size_t at = scientific.find('e');
  const int exponent = std::stoi(scientific.substr(at + 1));
  if (exponent >= -5 && exponent < 15) {
    const auto fixed = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::fixed).ptr;
    return {buffer, fixed};
  }
  return fmt::format("{}E{}{:02}", scientific.substr(0, at), exponent < 0 ? '-' : '+', std::abs(exponent));
}

bool is_date_claim(std::string_view name) { return name == "exp" || name == "nbf" || name == "iat"; }

struct Typed {
  std::string value;
  ValueType type;
};

Typed typed_number(json::Kind kind, std::string_view text) {
  if (kind == json::Kind::integer) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    using Narrow = std::numeric_limits<std::int32_t>;
    const bool narrow = number >= Narrow::min() && number <= Narrow::max();
    return {std::to_string(number), narrow ? ValueType::integer32 : ValueType::integer64};
  }
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return {original_number(number), ValueType::floating_point};
}

Typed typed(json::Kind kind, std::string_view text) {
  switch (kind) {
    case json::Kind::null:
      return {"", ValueType::json_null};
    case json::Kind::boolean:
      return {std::string(text), ValueType::boolean};
    case json::Kind::string:
      return {std::string(text), is_round_trip_date(text) ? ValueType::date_time : ValueType::string};
    case json::Kind::object:
      return {std::string(text), ValueType::json};
    case json::Kind::array:
      return {std::string(text), ValueType::json_array};
    case json::Kind::integer:
    case json::Kind::unsigned_integer:
    case json::Kind::number:
      return typed_number(kind, text);
  }
  std::unreachable();
}

// A token whose issuer is absent or blank speaks for nobody but whoever let it in.
std::string issuer_of(const Token& token) {
  const auto issuer = token.claims.issuer().value_or(std::string_view());
  return std::string(is_blank(issuer) ? claims::local_authority : issuer);
}

class IdentityBuilder {
 public:
  IdentityBuilder(const Token& token, const TokenValidationParameters& parameters, bool maps)
      : token_(token), maps_(maps), issuer_(issuer_of(token)) {
    identity_.authentication_type = parameters.authentication_type;
    identity_.name_claim_types = parameters.name_claim_types;
    identity_.role_claim_types = parameters.role_claim_types;
    identity_.claims.reserve(token.claims.members().size());
  }

  ClaimsIdentity build() && {
    for (const auto& [name, value] : token_.claims.members()) add_member(name, value);
    for (const std::string& path : identity_.name_claim_types) add_path(path);
    for (const std::string& path : identity_.role_claim_types) add_path(path);
    return std::move(identity_);
  }

 private:
  void add_member(std::string_view name, const ClaimSet::Value& value) {
    if (is_date_claim(name)) return add_date(name);
    if (name == "aud") return add_audiences();
    if (name == "sub" && value.kind != json::Kind::null)
      return add(name, {std::string(value.text), ValueType::string});
    if (value.kind != json::Kind::array) return add(name, typed(value.kind, value.text));
    for (const auto& element : token_.claims.elements(value)) add(name, typed(element.kind, element.text));
  }

  // "realm_access.roles": what stands at the end of the path becomes claims of that whole name. A claim that
  // is called so itself wins; nothing on the way may be an array.
  void add_path(const std::string& path) {
    const std::size_t dot = path.find('.');
    if (dot == path.npos || token_.claims.find(path)) return;
    const ClaimSet::Value* top = token_.claims.find(path.substr(0, dot));
    if (!top || top->kind != json::Kind::object) return;
    json::Parser parser;
    std::optional<json::Value> at;
    if (const auto root = parser.parse(top->text)) at = *root;
    std::string_view rest = std::string_view(path).substr(dot + 1);
    while (at && !rest.empty()) {
      // The names of members may hold dots themselves: the longest one that is there is taken.
      std::size_t end = rest.size();
      std::optional<json::Value> next = at->find(rest);
      while (!next) {
        end = rest.rfind('.', end - 1);
        if (end == rest.npos || end == 0) break;
        next = at->find(rest.substr(0, end));
      }
      at = next;
      rest = end < rest.size() ? rest.substr(end + 1) : std::string_view();
    }
    if (at) add_value(path, *at);
  }

  void add_value(std::string_view type, const json::Value& value) {
    if (!value.is_array()) return add_leaf(type, value);
    for (const json::Value element : value) add_leaf(type, element);
  }

  // Only text is a role or a name: a nested object or list is none, whatever its text looks like.
  void add_leaf(std::string_view type, const json::Value& value) {
    if (!value.is_string()) return;
    identity_.claims.push_back(
        {.type = std::string(type), .value = std::string(value.as_string()), .issuer = issuer_});
  }

  void add_audiences() {
    for (const std::string_view audience : token_.claims.audiences())
      add("aud", {std::string(audience), ValueType::string});
  }

  void add_date(std::string_view name) {
    const ClaimSet& from = token_.claims;
    const auto when = name == "exp" ? from.expires() : name == "nbf" ? from.not_before() : from.issued_at();
    const ClaimSet::Value* value = from.find(name);
    // The number as it stood, where it was a whole one: a date beyond what can be one was cut, its claim is
    // not.
    const bool whole = value->kind == json::Kind::integer;
    const std::string text =
        whole ? typed_number(value->kind, value->text).value : std::to_string(to_unix_seconds(*when));
    add(name, {text, ValueType::integer64});
  }

  void add(std::string_view name, Typed typed_value) {
    const std::string_view type = maps_ ? map_inbound(name) : name;
    Claim claim{.type = std::string(type),
                .value = std::move(typed_value.value),
                .value_type = typed_value.type,
                .issuer = issuer_};
    if (type != name) claim.short_type = name;
    identity_.claims.push_back(std::move(claim));
  }

  const Token& token_;
  bool maps_;
  std::string issuer_;
  ClaimsIdentity identity_;
};

// The original shows whoever `actort` names, also when nobody verified it, if only the claim is mapped; only
// its profile does.
std::shared_ptr<const ClaimsIdentity> unverified_actor(const Token& token,
                                                       const TokenValidationParameters& parameters) {
  if (!parameters.map_inbound_claims) return {};
  const auto text = token.claims.find_string("actort");
  if (!text) return {};
  auto jws = jose::parse_jws(*text, jose::Leniency::original);
  if (!jws) return {};
  const auto payload = base64url::decode(jws->payload);
  if (!payload) return {};
  auto read = ClaimSet::parse(*payload, {.original_leniency = true});
  if (!read) return {};
  Token actor{.header = std::move(jws->header), .claims = *std::move(read)};
  return std::make_shared<const ClaimsIdentity>(IdentityBuilder(actor, parameters, false).build());
}

}  // namespace

claims::ClaimsIdentity to_identity(const Token& token, const TokenValidationParameters& parameters) {
  ClaimsIdentity identity = IdentityBuilder(token, parameters, parameters.map_inbound_claims).build();
  identity.bootstrap_context = token.text;
  if (parameters.profile == Profile::aspnet_core)
    identity.actor = unverified_actor(token, parameters);
  else if (token.actor)
    identity.actor = std::make_shared<const ClaimsIdentity>(
        IdentityBuilder(*token.actor, parameters, parameters.map_inbound_claims).build());
  return identity;
}

}  // namespace gatehouse::tokens
