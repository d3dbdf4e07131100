#include "gatehouse/revocation/deny_feed_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gatehouse/base/ascii.h"

namespace gatehouse::revocation {
namespace {

std::unexpected<Error> wrong(std::string what) {
  return fail(Failure::configuration_invalid, std::move(what));
}

// Only what stands in every URL as it is; the issuer chose it.
bool is_plain(const std::string& epoch) {
  return std::ranges::all_of(
      epoch, [](char c) { return is_token_character(c) && c != '%' && c != '&' && c != '#'; });
}

}  // namespace

DenyFeedClient::DenyFeedClient(DenyFeedClientOptions options, Url address, std::shared_ptr<DenyList> list,
                               std::shared_ptr<discovery::Backchannel> backchannel,
                               std::shared_ptr<const Clock> clock)
    : options_(std::move(options)),
      address_(std::move(address)),
      list_(std::move(list)),
      backchannel_(std::move(backchannel)),
      clock_(std::move(clock)),
      follower_(options_.pace) {}

Result<std::shared_ptr<DenyFeedClient>> DenyFeedClient::make(
    DenyFeedClientOptions options, std::shared_ptr<DenyList> list,
    std::shared_ptr<discovery::Backchannel> backchannel, std::shared_ptr<const Clock> clock) {
  if (options.issuer.empty())
    return wrong("the deny feed has no issuer; name the one whose tokens it is about");
  std::string text = options.address;
  if (text.empty()) text = options.issuer + (options.issuer.ends_with('/') ? "feeds/deny" : "/feeds/deny");
  auto address = Url::parse(text);
  if (!address)
    return wrong(fmt::format("the deny feed's address '{}' is none: {}", text, address.error().subject));
  if (address->target.contains('?')) return wrong("the deny feed's address has a query; leave it off");
  if (options.require_https && !address->is_https())
    return wrong(
        fmt::format("the deny feed's address '{}' is not https, so that anybody on the way could hide "
                    "what was withdrawn; use https, or switch require_https off in Development",
                    text));
  if (options.pace.wait < Seconds(1)) return wrong("the deny feed's wait is below a second; say 1 or more");
  return std::shared_ptr<DenyFeedClient>(new DenyFeedClient(
      std::move(options), *std::move(address), std::move(list), std::move(backchannel), std::move(clock)));
}

void DenyFeedClient::start() { ask_after(Milliseconds(0)); }

void DenyFeedClient::ask_after(Milliseconds pause) {
  backchannel_->post_after(pause, [weak = weak_from_this()] {
    if (const auto client = weak.lock()) gatehouse::start(client->run(), [client] {});
  });
}

// One question. What is known is as old as the question, not as the answer: on the way, it may be held up.
Task<void> DenyFeedClient::run() {
  const Instant asked = clock_->now();
  FeedFollower::Question question = follower_.next();
  auto page = co_await ask(std::move(question));
  Milliseconds pause{0};
  if (page) {
    pause = take(*page, asked);
  } else {
    note_failure(page.error());
    pause = follower_.failed(jitter()).pause;
  }
  list_->tidy(clock_->now());
  ask_after(pause);
}

Url DenyFeedClient::address_of(const FeedFollower::Question& question) const {
  Url address = address_;
  address.target += fmt::format("{}?after={}", question.is_snapshot ? "/snapshot" : "", question.after);
  if (!question.is_snapshot) address.target += fmt::format("&wait={}", question.wait.count());
  if (is_plain(question.epoch) && !question.epoch.empty())
    address.target += fmt::format("&epoch={}", question.epoch);
  return address;
}

Task<Result<FeedPage>> DenyFeedClient::ask(FeedFollower::Question question) {
  constexpr Seconds on_the_way{5};
  discovery::DocumentRequest request{.url = address_of(question), .timeout = question.wait + on_the_way};
  if (options_.authorization) {
    auto proof = co_await options_.authorization();
    if (!proof) co_return std::unexpected(std::move(proof).error());
    request.authorization = *std::move(proof);
  }
  auto response = co_await backchannel_->fetch(std::move(request));
  if (!response) co_return std::unexpected(std::move(response).error());
  if (response->status != 200)
    co_return fail(Failure::unavailable, fmt::format("the deny feed answers {}", response->status));
  co_return parse_feed_page(response->body, options_.issuer);
}

Milliseconds DenyFeedClient::take(const FeedPage& page, Instant asked) {
  const Instant now = clock_->now();
  Result<void> added;
  for (const FeedEntry& one : page.entries)
    if (auto one_added = list_->add(one.entry, now); !one_added) added = std::move(one_added);
  if (!added) {
    if (!std::exchange(is_full_, true)) tell(DenyFeedEvent::Kind::full, describe(added.error()));
    note_failure(added.error());
    return follower_.lost(jitter()).pause;  // every entry has to be had again: until then nothing is current
  }
  is_full_ = false;
  const FeedFollower::Step step = follower_.answered(page, now - asked, jitter());
  if (step.is_current) added = list_->heard(options_.issuer, asked);
  {
    const std::scoped_lock lock(mutex_);
    ++status_.answers;
    status_.position = follower_.position();
    status_.is_failing = false;
    if (step.is_current && added) status_.heard = asked;
  }
  if (step.news == FeedFollower::News::gap) tell(DenyFeedEvent::Kind::gap);
  if (step.news == FeedFollower::News::snapshot) tell(DenyFeedEvent::Kind::snapshot);
  if (step.news == FeedFollower::News::restarted) tell(DenyFeedEvent::Kind::restarted);
  if (step.is_current && std::exchange(was_failing_, false)) tell(DenyFeedEvent::Kind::recovered);
  return step.pause;
}

void DenyFeedClient::note_failure(const Error& error) {
  std::string why = describe(error);
  {
    const std::scoped_lock lock(mutex_);
    status_.is_failing = true;
    status_.failure = why;
  }
  if (!std::exchange(was_failing_, true)) tell(DenyFeedEvent::Kind::failed, std::move(why));
}

void DenyFeedClient::tell(DenyFeedEvent::Kind kind, std::string detail) const {
  if (on_event) on_event({.kind = kind, .issuer = options_.issuer, .detail = std::move(detail)});
}

DenyFeedClient::Status DenyFeedClient::status() const {
  const std::scoped_lock lock(mutex_);
  return status_;
}

std::string_view name(DenyFeedEvent::Kind kind) noexcept {
  using enum DenyFeedEvent::Kind;
  switch (kind) {
    case failed:
      return "failed";
    case recovered:
      return "recovered";
    case gap:
      return "gap";
    case snapshot:
      return "snapshot";
    case restarted:
      return "restarted";
    case full:
      return "full";
  }
  std::unreachable();
}

}  // namespace gatehouse::revocation
