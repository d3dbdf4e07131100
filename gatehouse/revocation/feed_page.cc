#include "gatehouse/revocation/feed_page.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "gatehouse/base/json.h"

namespace gatehouse::revocation {
namespace {

constexpr std::size_t longest_epoch = 64;

std::unexpected<Error> wrong(std::string what) { return fail(Failure::malformed, std::move(what)); }

Result<std::uint64_t> read_number(const json::Value& object, std::string_view name) {
  const auto value = object.find(name);
  if (!value || value->kind() != json::Kind::integer || value->as_integer() < 0)
    return wrong(fmt::format("no number '{}'", name));
  return static_cast<std::uint64_t>(value->as_integer());
}

Result<Instant> read_time(const json::Value& object, std::string_view name) {
  constexpr std::uint64_t latest = 4'294'967'295;  // 2106
  GH_TRY(const std::uint64_t seconds, read_number(object, name));
  if (seconds > latest) return wrong(fmt::format("'{}' is no time", name));
  return Instant(Seconds(static_cast<std::int64_t>(seconds)));
}

bool has_not_before(DenyKind kind) noexcept { return kind == DenyKind::subject || kind == DenyKind::client; }

Result<DenyEntry> read_entry(const json::Value& object, const std::string& issuer) {
  const auto kind = find_deny_kind(object.find_string("kind").value_or(""));
  if (!kind) return wrong("an entry of an unknown kind");
  const auto value = object.find_string("value");
  if (!value || value->empty() || value->size() > longest_denied_value)
    return wrong("an entry without a value");
  GH_TRY(const Instant until, read_time(object, "until"));
  DenyEntry entry{.kind = *kind, .issuer = issuer, .value = std::string(*value), .until = until};
  if (has_not_before(*kind)) {
    GH_TRY(entry.not_before, read_time(object, "not_before"));
    if (entry.not_before == Instant()) return wrong("a 'not_before' of nothing");
  }
  return entry;
}

std::int64_t seconds_of(Instant instant) {
  return std::chrono::ceil<Seconds>(instant).time_since_epoch().count();
}

}  // namespace

bool FeedPage::is_complete() const noexcept {
  if (through < after || through > head) return false;
  std::uint64_t last = after;
  for (const FeedEntry& one : entries) {
    if (one.seq <= last || one.seq > through) return false;
    last = one.seq;
  }
  return entries.size() + expired == through - after;
}

Result<FeedPage> parse_feed_page(std::string_view text, const std::string& issuer) {
  thread_local json::Parser parser;
  GH_TRY(const json::Value root, parser.parse(text, {.octets = largest_page}));
  FeedPage page;
  const auto epoch = root.find_string("epoch");
  if (!epoch || epoch->empty() || epoch->size() > longest_epoch) return wrong("no 'epoch'");
  page.epoch = *epoch;
  GH_TRY(page.head, read_number(root, "head"));
  GH_TRY(page.after, read_number(root, "after"));
  GH_TRY(page.through, read_number(root, "through"));
  GH_TRY(page.expired, read_number(root, "expired"));
  const auto entries = root.find("entries");
  if (!entries || !entries->is_array()) return wrong("no 'entries'");
  if (entries->size() > most_entries_in_page) return wrong("too many entries");
  page.entries.reserve(entries->size());
  for (const json::Value one : *entries) {
    GH_TRY(const std::uint64_t seq, read_number(one, "seq"));
    const auto object = one.find("entry");
    if (!object) return wrong("no 'entry'");
    GH_TRY(DenyEntry entry, read_entry(*object, issuer));
    page.entries.push_back({.seq = seq, .entry = std::move(entry)});
  }
  return page;
}

Result<std::string> write_deny_entry(const DenyEntry& entry) {
  if (entry.value.empty()) return wrong(fmt::format("no {}", name(entry.kind)));
  if (entry.value.size() > longest_denied_value)
    return fail(Failure::too_large, fmt::format("a {} of {} octets", name(entry.kind), entry.value.size()));
  json::Writer writer;
  writer.begin_object().member("kind", name(entry.kind)).member("value", entry.value);
  writer.member("until", seconds_of(entry.until));
  if (has_not_before(entry.kind)) writer.member("not_before", seconds_of(entry.not_before));
  writer.end_object();
  return std::move(writer).take();
}

Result<DenyEntry> parse_deny_entry(std::string_view text, const std::string& issuer) {
  thread_local json::Parser parser;
  GH_TRY(const json::Value root, parser.parse(text));
  return read_entry(root, issuer);
}

}  // namespace gatehouse::revocation
