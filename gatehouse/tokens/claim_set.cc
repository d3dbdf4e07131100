#include "gatehouse/tokens/claim_set.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <utility>

namespace gatehouse::tokens {
namespace {

constexpr std::int64_t last_second = 253'402'300'799;  // the end of the year 9999

std::unexpected<Error> wrong_type(std::string_view claim) {
  return fail(Failure::claim_type_invalid, std::string(claim));
}

// The names of registered claims are three letters: as a number they can be told apart in one step.
constexpr std::uint32_t registered(std::string_view name) {
  const auto octet = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(name[i])}; };
  return octet(0) << 16 | octet(1) << 8 | octet(2);
}

// A NumericDate (RFC 7519 §2). What cannot be a date is a failure, never a wrap: an overflow must not make a
// token that never expires.
Result<Instant> read_date(const json::Item& item, bool original_leniency) {
  const bool is_whole = item.kind == json::Kind::integer;
  if (!is_whole && item.kind != json::Kind::number) return wrong_type(item.name);
  double seconds = item.value.as_double();
  if (!original_leniency) {
    if (seconds < 0 || seconds > static_cast<double>(last_second)) return wrong_type(item.name);
    if (is_whole) return Instant(Seconds(item.value.as_integer()));
    return Instant(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
  }
  constexpr double beyond_64_bits = 9.2e18;
  if (std::abs(seconds) > beyond_64_bits && !is_whole) return wrong_type(item.name);
  seconds = std::nearbyint(seconds);
  if (seconds < 0) return Instant(Seconds(0));
  if (seconds > static_cast<double>(last_second)) return Instant(Seconds(last_second));
  return Instant(Seconds(static_cast<std::int64_t>(seconds)));
}

// What is to be kept: the strings from the first to the last one, as the parser has them side by side, and
// the texts of everything else.
struct Extent {
  std::string_view strings;
  std::size_t sources = 0;
  std::size_t audiences = 0;
};

Extent extent_of(std::span<const json::Item> items) {
  Extent extent;
  const char* end = nullptr;
  const auto reach = [&](std::string_view string) { end = std::max(end, string.data() + string.size()); };
  for (const json::Item& item : items) {
    reach(item.name);
    if (item.kind == json::Kind::string)
      reach(item.text);
    else
      extent.sources += item.text.size();
    if (item.name != "aud") continue;
    extent.audiences = std::max<std::size_t>(item.value.size(), 1);
    for (const json::Value element : item.value)
      if (element.is_string()) reach(element.as_string());
  }
  if (items.empty()) return extent;
  const char* const begin = items.front().name.data();
  extent.strings = {begin, static_cast<std::size_t>(end - begin)};
  return extent;
}

}  // namespace

// Lays what was read into one block: members, audiences, the strings, the other texts.
class ClaimSet::Builder {
 public:
  Builder(std::span<const json::Item> items, const Limits& limits) : items_(items), limits_(limits) {}
  Result<ClaimSet> build() &&;

 private:
  void make_room();
  Result<void> read_registered(const json::Item& item, std::string_view text);
  Result<void> read_date(const json::Item& item, std::optional<Instant>& into) const;
  static Result<void> read_text(const json::Item& item, std::string_view text,
                                std::optional<std::string_view>& into);
  Result<void> read_subject(const json::Item& item, std::string_view text);
  Result<void> read_audiences(const json::Item& item);
  std::string_view kept(std::string_view string) const noexcept {
    return {strings_ + (string.data() - items_.front().name.data()), string.size()};
  }
  std::string_view keep(std::string_view source) noexcept {
    std::memcpy(next_source_, source.data(), source.size());
    return {std::exchange(next_source_, next_source_ + source.size()), source.size()};
  }

  std::span<const json::Item> items_;
  Limits limits_;
  ClaimSet claims_;
  Member* members_ = nullptr;
  std::string_view* audiences_ = nullptr;
  const char* strings_ = nullptr;
  char* next_source_ = nullptr;
};

void ClaimSet::Builder::make_room() {
  const Extent extent = extent_of(items_);
  const std::size_t audiences = std::min(extent.audiences, limits_.audiences);
  claims_.block_ = std::make_unique_for_overwrite<std::byte[]>(items_.size() * sizeof(Member) +
                                                               audiences * sizeof(std::string_view) +
                                                               extent.strings.size() + extent.sources);
  members_ = reinterpret_cast<Member*>(claims_.block_.get());
  audiences_ = reinterpret_cast<std::string_view*>(members_ + items_.size());
  char* const strings = reinterpret_cast<char*>(audiences_ + audiences);
  strings_ = strings;
  next_source_ = std::ranges::copy(extent.strings, strings).out;
}

Result<ClaimSet> ClaimSet::Builder::build() && {
  make_room();
  Member* next = members_;
  for (const json::Item& item : items_) {
    const std::string_view text = item.kind == json::Kind::string ? kept(item.text) : keep(item.text);
    std::construct_at(next++, Member{.name = kept(item.name), .value = {.kind = item.kind, .text = text}});
    if (item.name.size() == 3) GH_CHECK(read_registered(item, text));
  }
  claims_.members_ = {members_, next};
  return std::move(claims_);
}

Result<void> ClaimSet::Builder::read_registered(const json::Item& item, std::string_view text) {
  switch (registered(item.name)) {
    case registered("exp"):
      return read_date(item, claims_.expires_);
    case registered("nbf"):
      return read_date(item, claims_.not_before_);
    case registered("iat"):
      return read_date(item, claims_.issued_at_);
    case registered("aud"):
      return read_audiences(item);
    case registered("iss"):
      return read_text(item, text, claims_.issuer_);
    case registered("jti"):
      return read_text(item, text, claims_.id_);
    case registered("sub"):
      return read_subject(item, text);
    default:
      return {};
  }
}

Result<void> ClaimSet::Builder::read_date(const json::Item& item, std::optional<Instant>& into) const {
  GH_TRY(into, tokens::read_date(item, limits_.original_leniency));
  return {};
}

Result<void> ClaimSet::Builder::read_text(const json::Item& item, std::string_view text,
                                          std::optional<std::string_view>& into) {
  if (item.kind != json::Kind::string) return wrong_type(item.name);
  into = text;
  return {};
}

// The original takes a subject of any plain type, as text.
Result<void> ClaimSet::Builder::read_subject(const json::Item& item, std::string_view text) {
  const bool is_plain = item.kind != json::Kind::array && item.kind != json::Kind::object;
  if (!limits_.original_leniency || !is_plain) return read_text(item, text, claims_.subject_);
  if (item.kind != json::Kind::null) claims_.subject_ = text;
  return {};
}

Result<void> ClaimSet::Builder::read_audiences(const json::Item& item) {
  std::string_view* next = audiences_;
  const auto add = [&](std::string_view audience) {
    std::construct_at(next++, kept(audience));
    claims_.audiences_ = {audiences_, next};
  };
  const auto is_skipped = [&](json::Kind kind) {
    return limits_.original_leniency && kind == json::Kind::null;
  };
  if (item.kind == json::Kind::string) {
    add(item.text);
    return {};
  }
  if (is_skipped(item.kind)) return {};
  if (item.kind != json::Kind::array) return wrong_type("aud");
  if (item.value.size() > limits_.audiences) return fail(Failure::too_large, "aud");
  for (const json::Value element : item.value) {
    if (is_skipped(element.kind())) continue;
    if (!element.is_string()) return wrong_type("aud");
    add(element.as_string());
  }
  return {};
}

Result<ClaimSet> ClaimSet::parse(std::string_view octets, const Limits& limits) {
  thread_local json::Parser parser;
  GH_TRY(const json::Value root, parser.parse(octets));
  if (!root.is_object()) return fail(Failure::malformed, "payload");
  return Builder(parser.items(), limits).build();
}

const ClaimSet::Value* ClaimSet::find(std::string_view name) const noexcept {
  for (const Member& member : members_)
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
  for (const json::Item& item : parser.items())
    found.push_back({.kind = item.kind, .text = std::string(item.text)});
  return found;
}

}  // namespace gatehouse::tokens
