#include "gatehouse/discovery/configuration_manager.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <coroutine>
#include <set>
#include <utility>

#include "gatehouse/base/executor.h"
#include "gatehouse/base/json.h"

namespace gatehouse::discovery {
namespace {

std::unexpected<Error> wrong(std::string what) {
  return fail(Failure::configuration_invalid, std::move(what));
}

Result<Url> read_address(std::string_view option, const std::string& text, bool require_https) {
  auto url = Url::parse(text);
  if (!url)
    return wrong(fmt::format("{} '{}' is no address: {}; use one such as https://issuer.example", option,
                             text, url.error().subject));
  if (require_https && !url->is_https())
    return wrong(fmt::format(
        "{} '{}' is not https, so that anybody on the way could give you keys; use https, or switch "
        "require_https_metadata off in Development",
        option, text));
  return url;
}

// "https://a/b" and "https://a/b/" have their document at one place (OpenID Connect Discovery §4).
std::string_view without_slash(std::string_view path) {
  return path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
}

Result<std::vector<Url>> addresses_of(const AuthorityOptions& options) {
  const bool https = options.require_https_metadata;
  if (!options.metadata_address.empty()) {
    GH_TRY(Url address, read_address("metadata_address", options.metadata_address, https));
    return std::vector<Url>{std::move(address)};
  }
  if (options.authority.empty())
    return wrong("there is no authority; set it to the issuer's address, such as https://issuer.example");
  GH_TRY(const Url authority, read_address("authority", options.authority, https));
  if (authority.target.contains('?')) return wrong("authority has a query; it is an address without one");
  std::vector<Url> addresses = {authority};
  addresses.front().target =
      fmt::format("{}/.well-known/openid-configuration", without_slash(authority.target));
  if (!options.try_oauth_metadata) return addresses;
  addresses.push_back(authority);
  addresses.back().target =
      fmt::format("/.well-known/oauth-authorization-server{}", without_slash(authority.target));
  return addresses;
}

// What makes a key the one that it was: its numbers, its name, and what it may be used for.
std::multiset<std::string> identities(const jose::KeySet& keys) {
  std::multiset<std::string> all;
  for (const jose::Key& key : keys.keys())
    all.insert(fmt::format("{} {}", key.public_jwk(), fmt::join(key.operations(), " ")));
  return all;
}

std::string count_of(const jose::KeySet& keys) {
  const std::size_t count = keys.keys().size();
  return fmt::format("{} {}", count, count == 1 ? "key" : "keys");
}

std::size_t count_missing(const std::multiset<std::string>& from, const std::multiset<std::string>& in) {
  std::vector<std::string> missing;
  std::ranges::set_difference(from, in, std::back_inserter(missing));
  return missing.size();
}

}  // namespace

// --- Waiting for the fetch under way

struct ConfigurationManager::Waiting {
  bool wants_keys = false;  // and need not wait for the end of the fetch when there are some
  std::coroutine_handle<> caller;
  Executor* home = nullptr;

  // From whichever thread ends the wait, which must have taken it off the list.
  void go_on() const { resume_on(home, caller); }
};

class ConfigurationManager::Wait {
 public:
  enum class For : std::uint8_t { keys, end_of_fetch };
  Wait(ConfigurationManager& manager, For what, std::optional<Milliseconds> most)
      : manager_(manager), wants_keys_(what == For::keys), most_(most) {}

  bool await_ready() const noexcept { return false; }

  bool await_suspend(std::coroutine_handle<> caller) {
    auto waiting = std::make_shared<Waiting>(
        Waiting{.wants_keys = wants_keys_, .caller = caller, .home = Executor::current()});
    const std::shared_ptr<ConfigurationManager> manager = manager_.shared_from_this();
    const std::optional<Milliseconds> most = most_;
    {
      const std::scoped_lock lock(manager->mutex_);
      if (!manager->schedule_.is_fetching()) return false;
      if (waiting->wants_keys && manager->schedule_.has_keys(manager->clock_->now())) return false;
      manager->waiting_.push_back(waiting);
    }
    // From here on the caller may be running already, and this object gone.
    if (most)
      manager->backchannel_->post_after(*most,
                                        [manager = std::weak_ptr(manager), waiting = std::move(waiting)] {
                                          const auto alive = manager.lock();
                                          if (alive && alive->stop_waiting(waiting)) waiting->go_on();
                                        });
    return true;
  }

  void await_resume() const noexcept {}

 private:
  ConfigurationManager& manager_;
  bool wants_keys_;
  std::optional<Milliseconds> most_;
};

bool ConfigurationManager::stop_waiting(const std::shared_ptr<Waiting>& waiting) {
  const std::scoped_lock lock(mutex_);
  return std::erase(waiting_, waiting) > 0;
}

// --- Making one

ConfigurationManager::ConfigurationManager(AuthorityOptions options, std::string issuer,
                                           std::vector<Url> addresses, std::optional<Url> fetch_base,
                                           std::shared_ptr<Backchannel> backchannel,
                                           std::shared_ptr<const Clock> clock)
    : options_(std::move(options)),
      issuer_(std::move(issuer)),
      addresses_(std::move(addresses)),
      fetch_base_(std::move(fetch_base)),
      backchannel_(std::move(backchannel)),
      clock_(std::move(clock)),
      schedule_(options_.refresh) {
  if (!options_.snapshot_file.empty()) snapshot_.emplace(options_.snapshot_file, options_.snapshot_key_file);
}

Result<std::shared_ptr<ConfigurationManager>> ConfigurationManager::make(
    AuthorityOptions options, std::shared_ptr<Backchannel> backchannel, std::shared_ptr<const Clock> clock) {
  GH_TRY(std::vector<Url> addresses, addresses_of(options));
  std::optional<Url> fetch_base;
  if (!options.fetch_base.empty()) {
    GH_TRY(fetch_base, read_address("fetch_base", options.fetch_base, options.require_https_metadata));
    if (fetch_base->target != "/") return wrong("fetch_base has a path; it is scheme, host and port alone");
  }
  std::string issuer = options.issuer.empty() ? options.authority : options.issuer;
  GH_CHECK(SnapshotFile(options.snapshot_file, options.snapshot_key_file).check());
  return std::shared_ptr<ConfigurationManager>(
      new ConfigurationManager(std::move(options), std::move(issuer), std::move(addresses),
                               std::move(fetch_base), std::move(backchannel), std::move(clock)));
}

// --- What requests ask

void ConfigurationManager::begin_if_due(Instant now) {
  {
    const std::scoped_lock lock(mutex_);
    if (!schedule_.begin_if_due(now)) return;
    due_.store(Instant::max().time_since_epoch().count(), std::memory_order_relaxed);  // until it is done
  }
  start_fetch();
}

Task<Lookup> ConfigurationManager::wait_for_keys(Instant now, bool may_wait) {
  begin_if_due(now);
  if (may_wait) {
    Wait wait(*this, Wait::For::keys, options_.wait_for_keys);
    co_await wait;
  }
  const std::scoped_lock lock(mutex_);
  co_return schedule_.has_keys(now) ? Lookup::changed : Lookup::unavailable;
}

Task<Lookup> ConfigurationManager::look_for(std::string kid, std::shared_ptr<const Configuration> seen,
                                            Instant now, bool may_wait) {
  if (current() != seen) co_return Lookup::changed;
  bool begins = false;
  {
    const std::scoped_lock lock(mutex_);
    const bool is_known_miss = was_in_vain(kid, now);
    begins = !is_known_miss && schedule_.begin_for_unknown_key(now);
    if (!begins && (is_known_miss || !schedule_.is_fetching()))
      co_return schedule_.is_failing() ? Lookup::unavailable : Lookup::unchanged;
  }
  if (begins) start_fetch();
  if (may_wait) {
    Wait wait(*this, Wait::For::end_of_fetch, options_.wait_for_keys);
    co_await wait;
  }
  if (current() != seen) co_return Lookup::changed;
  const std::scoped_lock lock(mutex_);
  if (schedule_.is_fetching() || schedule_.is_failing()) co_return Lookup::unavailable;
  remember_in_vain(std::move(kid), now);
  co_return Lookup::unchanged;
}

Task<Result<void>> ConfigurationManager::refresh() {
  bool begins = false;
  {
    const std::scoped_lock lock(mutex_);
    begins = schedule_.begin_by_hand();
  }
  if (begins) start_fetch();
  Wait wait(*this, Wait::For::end_of_fetch, std::nullopt);
  co_await wait;
  const std::scoped_lock lock(mutex_);
  if (schedule_.is_failing()) co_return fail(Failure::metadata_unavailable, failure_);
  co_return Result<void>();
}

ConfigurationManager::Status ConfigurationManager::status(Instant now) const {
  const auto configuration = current();
  const std::scoped_lock lock(mutex_);
  return {.has_keys = configuration && configuration->trust->holds(now),
          .is_failing = schedule_.is_failing(),
          .fetched = schedule_.fetched(),
          .keys = configuration ? configuration->keys.keys().size() : 0,
          .fetches = fetches_,
          .failure = failure_};
}

// A kid that was looked for in vain is looked for again, but twice as late each time: an authority may
// publish a key later than it signs with it, and a client may never stop.
bool ConfigurationManager::was_in_vain(const std::string& kid, Instant now) {
  const auto found = in_vain_.find(kid);
  return found != in_vain_.end() && now < found->second.until;
}

void ConfigurationManager::remember_in_vain(std::string kid, Instant now) {
  constexpr std::size_t most = 512;
  constexpr int most_doublings = 6;
  if (in_vain_.size() >= most && !in_vain_.contains(kid))
    std::erase_if(in_vain_, [&](const auto& entry) { return entry.second.until <= now; });
  if (in_vain_.size() >= most && !in_vain_.contains(kid)) return;
  Vain& vain = in_vain_[std::move(kid)];
  vain.until = now + options_.refresh.refresh_interval * (1 << std::min(vain.times++, most_doublings));
}

// --- The fetch

struct ConfigurationManager::Fetched {
  Metadata metadata;
  std::optional<jose::KeySet> keys;  // empty: the same as before
  std::optional<Seconds> max_age;
};

// On the backchannel's thread, as judging keys takes milliseconds.
void ConfigurationManager::start_fetch() {
  backchannel_->post_after(Milliseconds(0), [weak = weak_from_this()] {
    if (const auto manager = weak.lock()) start(manager->run_fetch(), [manager] {});
  });
}

Task<void> ConfigurationManager::run_fetch() {
  if (snapshot_ && !std::exchange(has_looked_for_snapshot_, true)) restore_snapshot();
  auto fetched = co_await fetch();
  settle(std::move(fetched));
}

// The authority's own origin is reached where fetch_base says; others as they stand.
Url ConfigurationManager::seen_from_here(const Url& url) const {
  if (!fetch_base_ || !url.has_same_origin(addresses_.front())) return url;
  Url moved = *fetch_base_;
  moved.target = url.target;
  return moved;
}

Task<Result<DocumentResponse>> ConfigurationManager::get(Url url, std::string etag) {
  Url reached = seen_from_here(url);
  DocumentRequest request{.url = std::move(reached),
                          .etag = std::move(etag),
                          .public_addresses_only = options_.public_addresses_only};
  auto response = co_await backchannel_->fetch(std::move(request));
  if (response) co_return response;
  co_return fail(Failure::metadata_unavailable,
                 fmt::format("{}: {}", url.text(), describe(response.error())));
}

const std::string& ConfigurationManager::name() const noexcept {
  return issuer_.empty() ? options_.metadata_address : issuer_;
}

// The issuer that the first document named is the one from then on.
MetadataRules ConfigurationManager::rules_for(const Url& address) const {
  const auto known = current();
  return {.issuer = issuer_.empty() && known ? known->metadata.issuer : issuer_,
          .address = address,
          .require_https = options_.require_https_metadata,
          .allow_private = options_.allow_private_addresses};
}

Task<Result<Metadata>> ConfigurationManager::fetch_metadata() {
  const auto known = current();
  for (const Url& address : addresses_) {
    const std::string etag = known ? metadata_etag_ : std::string();
    auto response = co_await get(address, etag);
    if (!response) co_return std::unexpected(std::move(response).error());
    const bool has_next = &address != &addresses_.back();
    if (response->status == 404 && has_next) continue;
    if (response->status == 304 && !etag.empty()) co_return known->metadata;
    if (response->status != 200)
      co_return fail(Failure::metadata_unavailable,
                     fmt::format("{} answers {}", address.text(), response->status));
    auto metadata = parse_metadata(response->body, rules_for(address));
    if (!metadata)
      co_return fail(Failure::metadata_invalid,
                     fmt::format("{}: {}", address.text(), metadata.error().subject));
    metadata_etag_ = std::move(response->etag);
    co_return metadata;
  }
  co_return fail(Failure::internal, "no address");
}

Task<Result<ConfigurationManager::Fetched>> ConfigurationManager::fetch() {
  const auto known = current();
  auto metadata = co_await fetch_metadata();
  if (!metadata) co_return std::unexpected(std::move(metadata).error());
  const Url& uri = metadata->jwks_uri;
  const bool is_same_place = known && known->metadata.jwks_uri == uri;
  const std::string etag = is_same_place ? keys_etag_ : std::string();
  auto response = co_await get(uri, etag);
  if (!response) co_return std::unexpected(std::move(response).error());

  Fetched fetched{.metadata = *metadata, .keys = {}, .max_age = max_age_of(response->cache_control)};
  if (response->status == 304 && !etag.empty()) co_return fetched;
  if (response->status != 200)
    co_return fail(Failure::metadata_unavailable, fmt::format("{} answers {}", uri.text(), response->status));
  auto keys = parse_key_set(response->body);
  if (!keys)
    co_return fail(Failure::metadata_invalid, fmt::format("{}: {}", uri.text(), keys.error().subject));
  fetched.keys = *std::move(keys);
  keys_etag_ = std::move(response->etag);
  if (snapshot_) keys_document_ = std::move(response->body);
  co_return fetched;
}

// --- The snapshot

Instant ConfigurationManager::trusted_until(Instant fetched) const {
  const Seconds lifetime = options_.refresh.last_known_good_lifetime;
  return lifetime == Seconds::zero() ? Instant::max() : fetched + lifetime;
}

// Here and not where the manager is made: a request may make one, and nobody hears of it there yet.
void ConfigurationManager::restore_snapshot() {
  const auto tell = [this](ConfigurationEvent::Kind kind, std::string detail) {
    if (on_event) on_event({.kind = kind, .authority = name(), .detail = std::move(detail)});
  };
  auto restored = snapshot_->restore(rules_for(addresses_.front()), options_.refresh.last_known_good_lifetime,
                                     clock_->now());
  if (!restored && restored.error().kind == Failure::not_found) return;
  if (!restored) return tell(ConfigurationEvent::Kind::snapshot_refused, restored.error().subject);

  auto trust = std::make_shared<tokens::Trust>();
  trust->extend(trusted_until(restored->fetched));
  const auto configuration =
      std::make_shared<const Configuration>(Configuration{.metadata = std::move(restored->metadata),
                                                          .keys = std::move(restored->keys),
                                                          .trust = std::move(trust)});
  current_.publish(configuration);
  if (on_published) on_published(configuration);
  tell(ConfigurationEvent::Kind::keys_restored,
       fmt::format("{}: {} keys of {}", snapshot_->path(), configuration->keys.keys().size(),
                   format_instant(restored->fetched)));
  std::vector<std::shared_ptr<Waiting>> served;
  {
    const std::scoped_lock lock(mutex_);
    schedule_.restore(restored->fetched);
    std::erase_if(waiting_, [&](const auto& one) {
      if (one->wants_keys) served.push_back(one);
      return one->wants_keys;
    });
  }
  for (const auto& one : served) one->go_on();
}

// What failed, where it is news. When other keys cannot be written the old ones must not stay: one of them
// may have been taken away, and a restart would bring it back.
std::optional<std::string> ConfigurationManager::save_snapshot(const Configuration& good, Instant now,
                                                               bool is_changed) {
  if (!snapshot_) return std::nullopt;
  const auto written =
      snapshot_->write({.address = addresses_.front().text(),
                        .fetched = now,
                        .metadata = json::object(
                            {{"issuer", good.metadata.issuer}, {"jwks_uri", good.metadata.jwks_uri.text()}}),
                        .keys = keys_document_});
  const bool failed_before = std::exchange(fails_to_save_, !written);
  if (written) return std::nullopt;
  const auto removed = is_changed ? snapshot_->remove() : Result<void>();
  if (failed_before && removed) return std::nullopt;
  return removed ? written.error().subject
                 : fmt::format("{}; remove it yourself, as its keys are not those of now",
                               written.error().subject);
}

// --- What comes of a fetch

// The configuration to publish; null when nothing has changed but the time.
std::shared_ptr<const Configuration> ConfigurationManager::adopt(Fetched& fetched, std::size_t& removed) {
  const auto known = current();
  if (!fetched.keys) fetched.keys = known->keys;
  auto trust = std::make_shared<tokens::Trust>();
  if (known) {
    const auto before = identities(known->keys), after = identities(*fetched.keys);
    if (before == after && known->metadata.jwks_uri == fetched.metadata.jwks_uri) return nullptr;
    removed = count_missing(before, after);
    if (removed == 0) trust = known->trust;
  }
  return std::make_shared<const Configuration>(Configuration{
      .metadata = std::move(fetched.metadata), .keys = *std::move(fetched.keys), .trust = std::move(trust)});
}

// In this order: what is new is on the disk before anybody is judged by it, so that no restart brings back
// what was gone already; what is gone is distrusted before anybody learns what is new; and whoever waits goes
// on last.
void ConfigurationManager::settle(Result<Fetched> fetched) {
  const Instant now = clock_->now();
  const auto known = current();
  std::vector<ConfigurationEvent> events;
  const auto event = [&](ConfigurationEvent::Kind kind, std::string detail, std::size_t removed = 0) {
    events.push_back({.kind = kind, .authority = name(), .detail = std::move(detail), .removed = removed});
  };

  std::shared_ptr<const Configuration> next;
  if (fetched) {
    std::size_t removed = 0;
    const std::optional<Seconds> max_age = fetched->max_age;
    next = adopt(*fetched, removed);
    const Configuration& good = next ? *next : *known;
    if (auto failure = save_snapshot(good, now, next != nullptr))
      event(ConfigurationEvent::Kind::snapshot_failed, *std::move(failure));
    if (removed > 0) known->trust->end();
    good.trust->extend(trusted_until(now));
    if (next) {
      current_.publish(next);
      if (on_published) on_published(next);
      event(ConfigurationEvent::Kind::keys_received, count_of(next->keys), removed);
    }
    const std::scoped_lock lock(mutex_);
    if (schedule_.is_failing()) event(ConfigurationEvent::Kind::recovered, "the authority answers again");
    schedule_.succeeded(now, max_age, jitter());
    failure_.clear();
    if (next) in_vain_.clear();
  } else {
    const std::scoped_lock lock(mutex_);
    if (!schedule_.is_failing()) event(ConfigurationEvent::Kind::fetch_failed, describe(fetched.error()));
    schedule_.failed(now, jitter());
    failure_ = describe(fetched.error());
  }
  if (on_event)
    for (const ConfigurationEvent& one : events) on_event(one);
  finish(now);
}

void ConfigurationManager::finish(Instant now) {
  std::vector<std::shared_ptr<Waiting>> waiting;
  Instant due;
  {
    const std::scoped_lock lock(mutex_);
    ++fetches_;
    due = schedule_.due();
    due_.store(due.time_since_epoch().count(), std::memory_order_relaxed);
    waiting.swap(waiting_);
  }
  for (const auto& one : waiting) one->go_on();
  backchannel_->post_after(std::max(due - now, Milliseconds(0)), [weak = weak_from_this()] {
    if (const auto manager = weak.lock()) manager->refresh_if_due(manager->clock_->now());
  });
}

}  // namespace gatehouse::discovery
