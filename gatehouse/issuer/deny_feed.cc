#include "gatehouse/issuer/deny_feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "gatehouse/base/ascii.h"
#include "gatehouse/base/json.h"
#include "gatehouse/revocation/feed_page.h"

namespace gatehouse::issuer {
namespace {

using revocation::DenyEntry;
using revocation::DenyKind;
using stores::Revocation;
using stores::RevocationPage;
using stores::Revoked;

constexpr std::uint64_t longest_wait = 25;
constexpr std::size_t most_entries = revocation::most_entries_in_page;
constexpr std::size_t largest_text = revocation::largest_page - 4'096;  // what is around the entries has room

Revoked kind_of(DenyKind kind) noexcept {
  switch (kind) {
    case DenyKind::token:
      return Revoked::token;
    case DenyKind::session:
      return Revoked::session;
    case DenyKind::subject:
      return Revoked::subject;
    case DenyKind::client:
      return Revoked::client;
    case DenyKind::key:
      return Revoked::key;
  }
  std::unreachable();
}

DenyKind kind_of(Revoked kind) noexcept {
  switch (kind) {
    case Revoked::token:
      return DenyKind::token;
    case Revoked::session:
      return DenyKind::session;
    case Revoked::subject:
      return DenyKind::subject;
    case Revoked::client:
      return DenyKind::client;
    case Revoked::key:
      return DenyKind::key;
  }
  std::unreachable();
}

DenyEntry to_deny_entry(const Revocation& logged, const std::string& issuer) {
  return {.kind = kind_of(logged.kind),
          .issuer = issuer,
          .value = logged.value,
          .until = logged.until,
          .not_before = logged.not_before};
}

// Up to which number a page, which began after `after`, says everything.
std::uint64_t through(const RevocationPage& page, std::uint64_t after) {
  if (page.entries.size() == most_entries) return page.entries.back().sequence;
  return std::max(page.head, after);
}

// What does not fit waits for the next page.
Result<std::string> write(const RevocationPage& page, std::uint64_t after) {
  std::string entries;
  std::size_t count = 0;
  for (; count < page.entries.size(); ++count) {
    const Revocation& one = page.entries[count];
    GH_TRY(const std::string text, revocation::write_deny_entry(to_deny_entry(one, {})));
    if (entries.size() + text.size() > largest_text) break;
    entries += fmt::format(R"({}{{"seq":{},"entry":{}}})", count == 0 ? "" : ",", one.sequence, text);
  }
  const bool is_cut = count < page.entries.size();
  const std::uint64_t last = is_cut ? page.entries[count - 1].sequence : through(page, after);
  json::Writer writer;
  writer.begin_object().member("epoch", page.epoch).member("head", page.head).member("after", after);
  writer.member("through", last).member("expired", last - after - count);
  writer.name("entries").raw('[' + entries + ']').end_object();
  return std::move(writer).take();
}

// Absent is zero; empty for what is no number.
std::optional<std::uint64_t> read_number(const http::Request& request, std::string_view name) {
  const auto text = request.query_value(name);
  return text ? parse_number<std::uint64_t>(*text) : std::optional<std::uint64_t>(0);
}

http::Response never_cached(http::Response response) {
  response.headers.set("Cache-Control", "no-store");
  return response;
}

}  // namespace

DenyFeed::DenyFeed(DenyFeedOptions options, stores::RevocationLog& log,
                   std::shared_ptr<revocation::DenyList> list, PostAfter post_after, const Clock& clock)
    : options_(std::move(options)),
      log_(log),
      list_(std::move(list)),
      post_after_(std::move(post_after)),
      clock_(clock) {}

std::shared_ptr<DenyFeed> DenyFeed::make(DenyFeedOptions options, stores::RevocationLog& log,
                                         std::shared_ptr<revocation::DenyList> list, PostAfter post_after,
                                         const Clock& clock) {
  return std::shared_ptr<DenyFeed>(
      new DenyFeed(std::move(options), log, std::move(list), std::move(post_after), clock));
}

// --- This process

// An entry that the list did not take is read again next time; until then the list is worth nothing.
Result<void> DenyFeed::take(const RevocationPage& page, Instant now) {
  if (!list_) return {};
  for (const Revocation& one : page.entries)
    if (auto added = list_->add(to_deny_entry(one, options_.issuer), now); !added) {
      list_->lose(options_.issuer);
      return added;
    }
  return {};
}

// What is known is as old as the question. Two at a time do the same twice, which does no harm.
Task<Result<void>> DenyFeed::catch_up() {
  while (true) {
    const Instant asked = clock_.now();
    std::uint64_t from = position_;
    auto page = co_await log_.after(from, asked, most_entries);
    if (!page) co_return std::unexpected(std::move(page).error());
    GH_CO_CHECK(take(*page, asked));
    if (page->head < from) {  // another log than before
      position_ = 0;
      continue;
    }
    const std::uint64_t last = through(*page, from);
    if (last > from && position_.compare_exchange_strong(from, last)) appended_->give();
    if (last < page->head) continue;
    co_return list_ ? list_->heard(options_.issuer, asked) : Result<void>();
  }
}

void DenyFeed::follow() {
  if (!post_after_) return;
  post_after_(options_.poll, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self) start(self->catch_up(), [self](Result<void>&&) { self->follow(); });
  });
}

// --- Withdrawing

Task<Result<void>> DenyFeed::revoke(DenyKind kind, std::string value) {
  DenyEntry entry =
      revocation::make_deny_entry(kind, options_.issuer, std::move(value), clock_.now(), options_.lifetimes);
  co_return co_await publish(std::move(entry));
}

// The log first: what is in no log is forgotten by a restart, and nobody else hears of it.
Task<Result<void>> DenyFeed::publish(DenyEntry entry) {
  if (entry.issuer != options_.issuer) co_return fail(Failure::issuer_invalid, entry.issuer);
  GH_CO_CHECK(revocation::write_deny_entry(entry));
  Revocation logged{.kind = kind_of(entry.kind),
                    .value = std::move(entry.value),
                    .until = entry.until,
                    .not_before = entry.not_before};
  auto appended = co_await log_.append(std::move(logged));
  if (!appended) co_return std::unexpected(std::move(appended).error());
  co_return co_await catch_up();
}

// --- Other processes

http::Handler DenyFeed::feed_endpoint() {
  return [self = shared_from_this()](http::HttpContext& context) { return self->answer(context, true); };
}

http::Handler DenyFeed::snapshot_endpoint() {
  return [self = shared_from_this()](http::HttpContext& context) { return self->answer(context, false); };
}

// Whoever follows another epoch, or is ahead of the log, has to hear of it now.
Task<http::Response> DenyFeed::answer(http::HttpContext& context, bool may_wait) {
  const auto after = read_number(context.request, "after");
  const auto wait = read_number(context.request, "wait");
  if (!after || !wait)
    co_return never_cached(http::results::bad_request("after and wait have to be numbers"));
  const auto epoch = context.request.query_value("epoch");
  const auto most = std::chrono::seconds(may_wait ? std::min(*wait, longest_wait) : 0);

  const std::uint64_t seen = appended_->count();
  auto page = co_await log_.after(*after, clock_.now(), most_entries);
  const bool has_news = !page || page->head != *after || (epoch && *epoch != page->epoch);
  const bool may_be_held = post_after_ && appended_->waiting() < options_.most_waiting;
  if (!has_news && most > most.zero() && may_be_held) {
    co_await appended_->wait(seen, most, post_after_);
    page = co_await log_.after(*after, clock_.now(), most_entries);
  }
  if (!page) co_return never_cached(http::results::problem(page.error()));
  auto text = write(*page, *after);
  if (!text) co_return never_cached(http::results::problem(text.error()));
  co_return never_cached(http::results::ok(*std::move(text)));
}

}  // namespace gatehouse::issuer
