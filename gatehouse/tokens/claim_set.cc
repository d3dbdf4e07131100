#include "gatehouse/tokens/claim_set.h"

#include <cmath>
#include <cstring>
#include <deque>

namespace gatehouse::tokens {
namespace {

constexpr std::int64_t last_second = 253'402'300'799;  // the end of the year 9999

std::unexpected<Error> wrong_type(std::string_view claim) {
  return fail(Failure::claim_type_invalid, std::string(claim));
}

// A NumericDate (RFC 7519 §2). What cannot be a date is a failure, never a wrap: an overflow must not make a
// token that never expires.
Result<Instant> read_date(std::string_view claim, const json::Value& value, bool original_leniency) {
  if (!value.is_number() || value.kind() == json::Kind::unsigned_integer) return wrong_type(claim);
  double seconds = value.as_double();
  if (!original_leniency) {
    if (seconds < 0 || seconds > static_cast<double>(last_second)) return wrong_type(claim);
    if (value.kind() == json::Kind::integer) return Instant(Seconds(value.as_integer()));
    return Instant(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
  }
  constexpr double beyond_64_bits = 9.2e18;
  if (std::abs(seconds) > beyond_64_bits && value.kind() == json::Kind::number) return wrong_type(claim);
  seconds = std::nearbyint(seconds);
  if (seconds < 0) return Instant(Seconds(0));
  if (seconds > static_cast<double>(last_second)) return Instant(Seconds(last_second));
  return Instant(Seconds(static_cast<std::int64_t>(seconds)));
}

}  // namespace

// The payload in one block that never moves; views point into it. Strings with escapes, which are rare, get a
// place of their own that does not move either.
struct ClaimSet::Memory {
  std::unique_ptr<char[]> payload;
  std::deque<std::string> unescaped;
  std::vector<Member> members;
  std::vector<std::string_view> audiences;
  std::optional<std::string_view> issuer;
  std::optional<std::string_view> subject;
  std::optional<std::string_view> id;
  std::optional<Instant> expires;
  std::optional<Instant> not_before;
  std::optional<Instant> issued_at;

  std::string_view keep(std::string_view text, std::string_view source) {
    if (!source.contains('\\')) return source.substr(1, source.size() - 2);
    return unescaped.emplace_back(text);
  }

  Value keep_value(const json::Value& value, std::string_view source) {
    const json::Kind kind = value.kind();
    return {.kind = kind, .text = kind == json::Kind::string ? keep(value.as_string(), source) : source};
  }

  Result<void> read_text(const Member& member, std::optional<std::string_view>& into) {
    if (member.value.kind != json::Kind::string) return wrong_type(member.name);
    into = member.value.text;
    return {};
  }

  Result<void> read_audiences(const Member& member, const json::Value& value, const Limits& limits);
  Result<void> read_registered(const Member& member, const json::Value& value, const Limits& limits);
};

Result<void> ClaimSet::Memory::read_audiences(const Member& member, const json::Value& value,
                                              const Limits& limits) {
  if (value.is_string()) {
    audiences.push_back(member.value.text);
    return {};
  }
  const bool skips_null = limits.original_leniency;
  if (skips_null && value.kind() == json::Kind::null) return {};
  if (!value.is_array()) return wrong_type("aud");
  if (value.size() > limits.audiences) return fail(Failure::too_large, "aud");
  const auto sources = json::source_texts(member.value.text);
  std::size_t index = 0;
  for (const json::Value element : value) {
    const std::string_view source = sources[index++];
    if (skips_null && element.kind() == json::Kind::null) continue;
    if (!element.is_string()) return wrong_type("aud");
    audiences.push_back(keep(element.as_string(), source));
  }
  return {};
}

Result<void> ClaimSet::Memory::read_registered(const Member& member, const json::Value& value,
                                               const Limits& limits) {
  const auto date = [&](std::optional<Instant>& into) -> Result<void> {
    GH_TRY(into, read_date(member.name, value, limits.original_leniency));
    return {};
  };
  if (member.name == "exp") return date(expires);
  if (member.name == "nbf") return date(not_before);
  if (member.name == "iat") return date(issued_at);
  if (member.name == "aud") return read_audiences(member, value, limits);
  if (member.name == "iss") return read_text(member, issuer);
  if (member.name == "jti") return read_text(member, id);
  if (member.name != "sub") return {};
  // The original takes a subject of any plain type, as text.
  if (limits.original_leniency && !value.is_array() && !value.is_object()) {
    if (value.kind() != json::Kind::null) subject = member.value.text;
    return {};
  }
  return read_text(member, subject);
}

Result<ClaimSet> ClaimSet::parse(std::string_view octets, const Limits& limits) {
  thread_local json::Parser parser;
  ClaimSet claims;
  claims.memory_ = std::make_unique<Memory>();
  Memory& memory = *claims.memory_;
  memory.payload = std::make_unique_for_overwrite<char[]>(octets.size() + json::Parser::padding);
  std::memcpy(memory.payload.get(), octets.data(), octets.size());
  std::memset(memory.payload.get() + octets.size(), ' ', json::Parser::padding);
  const std::string_view payload(memory.payload.get(), octets.size());

  GH_TRY(const json::Value root, parser.parse_padded(payload));
  if (!root.is_object()) return fail(Failure::malformed, "payload");
  const auto sources = json::source_texts(payload);
  memory.members.reserve(sources.size());
  std::size_t index = 0;
  for (auto member = root.begin(); member != root.end(); ++member) {
    const std::string_view name = memory.unescaped.emplace_back(member.name());
    memory.members.push_back({.name = name, .value = memory.keep_value(*member, sources[index++])});
    GH_CHECK(memory.read_registered(memory.members.back(), *member, limits));
  }
  return claims;
}

ClaimSet::ClaimSet() = default;
ClaimSet::ClaimSet(ClaimSet&&) noexcept = default;
ClaimSet& ClaimSet::operator=(ClaimSet&&) noexcept = default;
ClaimSet::~ClaimSet() = default;

const std::vector<ClaimSet::Member>& ClaimSet::members() const noexcept { return memory_->members; }

const ClaimSet::Value* ClaimSet::find(std::string_view name) const noexcept {
  for (const Member& member : memory_->members)
    if (member.name == name) return &member.value;
  return nullptr;
}

std::optional<std::string_view> ClaimSet::find_string(std::string_view name) const noexcept {
  const Value* value = find(name);
  return value && value->kind == json::Kind::string ? std::optional(value->text) : std::nullopt;
}

std::vector<ClaimSet::Element> ClaimSet::elements(const Value& array) const {
  std::vector<Element> found;
  if (array.kind != json::Kind::array) return found;
  thread_local json::Parser parser;
  const auto root = parser.parse(array.text);  // it was read before, as a part of the payload
  const auto sources = json::source_texts(array.text);
  std::size_t index = 0;
  for (const json::Value element : *root) {
    const std::string_view source = sources[index++];
    found.push_back(
        {.kind = element.kind(), .text = std::string(element.is_string() ? element.as_string() : source)});
  }
  return found;
}

std::optional<std::string_view> ClaimSet::issuer() const noexcept { return memory_->issuer; }
std::optional<std::string_view> ClaimSet::subject() const noexcept { return memory_->subject; }
std::optional<std::string_view> ClaimSet::id() const noexcept { return memory_->id; }
const std::vector<std::string_view>& ClaimSet::audiences() const noexcept { return memory_->audiences; }
std::optional<Instant> ClaimSet::expires() const noexcept { return memory_->expires; }
std::optional<Instant> ClaimSet::not_before() const noexcept { return memory_->not_before; }
std::optional<Instant> ClaimSet::issued_at() const noexcept { return memory_->issued_at; }

}  // namespace gatehouse::tokens
