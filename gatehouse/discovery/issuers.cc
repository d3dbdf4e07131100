#include "gatehouse/discovery/issuers.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <unordered_map>

#include "gatehouse/jose/jws.h"
#include "gatehouse/tokens/validator_set.h"

namespace gatehouse::discovery {
namespace {

using tokens::TokenValidationParameters;
using tokens::TokenValidator;

bool asks_authority(const IssuerOptions& options) {
  return !options.authority.authority.empty() || !options.authority.metadata_address.empty();
}

bool has_own_keys(const TokenValidationParameters& parameters) {
  return parameters.issuer_signing_key || !parameters.issuer_signing_keys.empty() ||
         parameters.issuer_signing_key_resolver;
}

void add_issuer(TokenValidationParameters& parameters, const std::string& issuer) {
  const auto& listed = parameters.valid_issuers;
  if (parameters.valid_issuer == issuer || std::ranges::find(listed, issuer) != listed.end()) return;
  parameters.valid_issuers.push_back(issuer);
}

std::shared_ptr<const TokenValidator> shared(TokenValidator validator) {
  return std::make_shared<const TokenValidator>(std::move(validator));
}

// Whatever is wrong with the parameters is said at the start, though their keys come later.
Result<void> check(TokenValidationParameters parameters) {
  add_issuer(parameters, "that of the document");
  parameters.issuer_signing_key = jose::Key::symmetric(Secret(std::string(64, 'x')));
  const auto made = TokenValidator::make(std::move(parameters));
  return made ? Result<void>() : std::unexpected(made.error());
}

}  // namespace

// One issuer as it was configured, and its verifier as it is now.
struct Issuers::Entry {
  TokenValidationParameters parameters;
  std::shared_ptr<ConfigurationManager> manager;
  std::shared_ptr<const Verifier> verifier;
  std::vector<std::string> names;
  bool is_resolved = false;
  std::atomic<Instant::rep> last_used = 0;
};

// What readers see. Immutable.
struct Issuers::Table {
  struct Row {
    std::shared_ptr<const Verifier> verifier;
    std::shared_ptr<Entry> entry;
  };
  std::shared_ptr<const Verifier> only;  // judges everything
  std::shared_ptr<const Verifier>
      first;  // says what is wrong with a text that is no token; null with a resolver alone
  std::map<std::string, Row, std::less<>> by_issuer;
  std::vector<std::pair<std::string, Row>> by_template;
};

struct Issuers::State : std::enable_shared_from_this<State> {
  std::shared_ptr<Backchannel> backchannel;
  std::shared_ptr<const Clock> clock;
  std::function<void(const ConfigurationEvent&)> on_event;
  std::function<double()> jitter;
  std::size_t most_resolved = 0;
  Seconds refusal_lifetime{0};
  bool has_resolver = false;

  Published<Table> table;

  std::mutex mutex;  // of what follows
  std::vector<std::shared_ptr<Entry>> entries;
  std::unordered_map<std::string, Instant> refused;  // issuers, and until when

  Result<std::shared_ptr<Entry>> make_entry(IssuerOptions options);
  void renew(Entry& entry, const std::shared_ptr<const Configuration>& configuration);
  void publish();
  std::size_t count_resolved() const;
  void evict();
  bool is_refused(const std::string& issuer, Instant now);
  void remember_refusal(std::string issuer, Instant now);
};

Result<std::shared_ptr<Issuers::Entry>> Issuers::State::make_entry(IssuerOptions options) {
  auto entry = std::make_shared<Entry>();
  entry->parameters = std::move(options.parameters);
  if (!asks_authority(options)) {
    GH_TRY(TokenValidator validator, TokenValidator::make(entry->parameters));
    entry->verifier = std::make_shared<const Verifier>(
        Verifier{.validator = shared(std::move(validator)), .trust = tokens::lasting_trust()});
    entry->names = tokens::issuers_of(entry->parameters);
    return entry;
  }
  if (!backchannel)
    return fail(Failure::configuration_invalid,
                "an authority is asked through a backchannel, and there is none; set backchannel");
  GH_TRY(entry->manager, ConfigurationManager::make(std::move(options.authority), backchannel, clock));
  const std::string& issuer = entry->manager->issuer();
  if (!issuer.empty()) add_issuer(entry->parameters, issuer);
  GH_CHECK(check(entry->parameters));
  entry->names = tokens::issuers_of(entry->parameters);
  entry->manager->on_event = on_event;
  entry->manager->jitter = jitter;
  entry->manager->on_published = [state = weak_from_this(),
                                  weak = std::weak_ptr(entry)](const auto& configuration) {
    const auto self = state.lock();
    const auto alive = weak.lock();
    if (self && alive) self->renew(*alive, configuration);
  };
  // Keys of its own serve from the start.
  Verifier first{.validator = {}, .trust = tokens::lasting_trust(), .manager = entry->manager};
  if (has_own_keys(entry->parameters)) {
    GH_TRY(TokenValidator validator, TokenValidator::make(entry->parameters));
    first.validator = shared(std::move(validator));
  }
  entry->verifier = std::make_shared<const Verifier>(std::move(first));
  return entry;
}

void Issuers::State::renew(Entry& entry, const std::shared_ptr<const Configuration>& configuration) {
  TokenValidationParameters parameters = entry.parameters;
  add_issuer(parameters, configuration->metadata.issuer);
  const auto& keys = configuration->keys.keys();
  parameters.issuer_signing_keys.insert(parameters.issuer_signing_keys.end(), keys.begin(), keys.end());
  auto validator = TokenValidator::make(std::move(parameters));
  if (!validator) return;  // check() has passed, and keys are all that is new
  const std::scoped_lock lock(mutex);
  entry.verifier = std::make_shared<const Verifier>(Verifier{.validator = shared(*std::move(validator)),
                                                             .trust = configuration->trust,
                                                             .manager = entry.manager,
                                                             .configuration = configuration});
  publish();
}

// Under the lock.
void Issuers::State::publish() {
  Table next;
  for (const auto& entry : entries) {
    if (!next.first && !entry->is_resolved) next.first = entry->verifier;
    for (const std::string& name : entry->names) {
      Table::Row row{.verifier = entry->verifier, .entry = entry};
      if (tokens::is_issuer_template(name))
        next.by_template.emplace_back(name, std::move(row));
      else
        next.by_issuer.emplace(name, std::move(row));
    }
  }
  if (entries.size() == 1 && !has_resolver) next.only = entries.front()->verifier;
  table.publish(std::make_shared<const Table>(std::move(next)));
}

// Under the lock.
std::size_t Issuers::State::count_resolved() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(entries, [](const auto& entry) { return entry->is_resolved; }));
}

// Under the lock. The tenant that was asked for longest ago makes room.
void Issuers::State::evict() {
  if (count_resolved() <= most_resolved) return;
  auto resolved = entries | std::views::filter([](const auto& entry) { return entry->is_resolved; });
  const auto oldest =
      *std::ranges::min_element(resolved, {}, [](const auto& entry) { return entry->last_used.load(); });
  std::erase(entries, oldest);
}

bool Issuers::State::is_refused(const std::string& issuer, Instant now) {
  const std::scoped_lock lock(mutex);
  const auto found = refused.find(issuer);
  return found != refused.end() && now < found->second;
}

void Issuers::State::remember_refusal(std::string issuer, Instant now) {
  constexpr std::size_t most = 4096;
  const std::scoped_lock lock(mutex);
  if (refused.size() >= most) std::erase_if(refused, [&](const auto& one) { return one.second <= now; });
  if (refused.size() < most) refused[std::move(issuer)] = now + refusal_lifetime;
}

Issuers::Issuers(std::shared_ptr<State> state, IssuerResolver resolver)
    : state_(std::move(state)), resolver_(std::move(resolver)) {}
Issuers::~Issuers() = default;

Result<std::unique_ptr<Issuers>> Issuers::make(IssuersOptions options) {
  if (options.issuers.empty() && !options.resolver)
    return fail(Failure::configuration_invalid, "there is no issuer");
  auto state = std::make_shared<State>();
  state->backchannel = std::move(options.backchannel);
  state->clock = std::move(options.clock);
  state->on_event = std::move(options.on_event);
  state->jitter = std::move(options.jitter);
  state->most_resolved = options.most_resolved;
  state->refusal_lifetime = options.refusal_lifetime;
  state->has_resolver = static_cast<bool>(options.resolver);

  const bool are_several = options.issuers.size() > 1 || options.resolver;
  std::map<std::string, int> named;
  for (IssuerOptions& one : options.issuers) {
    GH_TRY(auto entry, state->make_entry(std::move(one)));
    if (are_several && (entry->names.empty() || !entry->parameters.validate_issuer))
      return fail(Failure::configuration_invalid,
                  "one of several issuers names no issuer; set valid_issuer, and leave validate_issuer on");
    for (const std::string& name : entry->names)
      if (are_several && ++named[name] > 1)
        return fail(Failure::configuration_invalid, fmt::format("the issuer '{}' is named twice", name));
    state->entries.push_back(std::move(entry));
  }
  state->publish();
  return std::unique_ptr<Issuers>(new Issuers(std::move(state), std::move(options.resolver)));
}

Result<std::shared_ptr<const Verifier>> Issuers::choose(std::string_view token) const {
  const std::shared_ptr<const Table> table = state_->table.read();
  if (table->only) return table->only;
  static const std::size_t longest = TokenValidationParameters().maximum_token_size;
  const auto& first = table->first;
  const std::size_t most =
      first && first->validator ? first->validator->parameters().maximum_token_size : longest;
  if (token.size() > most) return fail(Failure::too_large, fmt::format("{} characters", token.size()));
  std::string issuer = tokens::unverified_issuer(token);
  if (issuer.empty()) {
    if (const auto jws = jose::parse_jws(token); !jws) return std::unexpected(jws.error());
    if (table->first) return table->first;
  }
  const auto used = [&](const Table::Row& row) {
    if (row.entry->is_resolved)
      row.entry->last_used.store(state_->clock->now().time_since_epoch().count(), std::memory_order_relaxed);
    return row.verifier;
  };
  if (const auto found = table->by_issuer.find(issuer); found != table->by_issuer.end())
    return used(found->second);
  for (const auto& [pattern, row] : table->by_template)
    if (tokens::matches_issuer_template(pattern, issuer)) return used(row);
  return fail(Failure::issuer_invalid, std::move(issuer));
}

std::shared_ptr<const TokenValidator> Issuers::first() const {
  const std::shared_ptr<const Table> table = state_->table.read();
  return table->first ? table->first->validator : nullptr;
}

Task<Result<std::shared_ptr<const Verifier>>> Issuers::resolve(std::string token, Instant now) {
  const std::string issuer = tokens::unverified_issuer(token);
  const auto refused = [&] { return fail(Failure::issuer_invalid, issuer); };
  if (issuer.empty() || state_->is_refused(issuer, now)) co_return refused();
  auto options = co_await resolver_(issuer);
  if (!options) {
    state_->remember_refusal(issuer, now);
    co_return refused();
  }
  // Another request may have brought it meanwhile.
  if (auto known = choose(token)) co_return known;
  add_issuer(options->parameters, issuer);
  AuthorityOptions& authority = options->authority;
  if (asks_authority(*options)) {
    if (authority.issuer.empty()) authority.issuer = issuer;
    authority.public_addresses_only = !authority.allow_private_addresses;
  }
  auto entry = state_->make_entry(*std::move(options));
  if (!entry)
    co_return fail(Failure::configuration_invalid,
                   fmt::format("the issuer '{}': {}", issuer, entry.error().subject));
  (*entry)->is_resolved = true;
  (*entry)->last_used = now.time_since_epoch().count();
  {
    const std::scoped_lock lock(state_->mutex);
    state_->entries.push_back(*entry);
    state_->evict();
    state_->publish();
  }
  co_return choose(token);
}

Task<Result<tokens::Token>> Issuers::validate(std::string token, Instant now) {
  GH_CO_TRY(auto verifier, choose(token));
  const auto manager = verifier->manager;
  if (manager) manager->refresh_if_due(now);
  if (manager && !verifier->has_keys(now)) {
    co_await manager->wait_for_keys(now, true);
    GH_CO_TRY(verifier, choose(token));
  }
  if (!verifier->has_keys(now))
    co_return fail(Failure::metadata_unavailable, manager ? manager->status(now).failure : std::string());
  auto judged = verifier->validator->validate(token, now);
  if (judged || judged.error().kind != Failure::key_not_found || !manager) co_return judged;

  const auto found = co_await manager->look_for(judged.error().subject, verifier->configuration, now, true);
  if (found == Lookup::unavailable)
    co_return fail(Failure::metadata_unavailable, manager->status(now).failure);
  if (found == Lookup::unchanged) co_return judged;
  GH_CO_TRY(verifier, choose(token));
  co_return verifier->validator->validate(token, now);
}

std::size_t Issuers::resolved() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->count_resolved();
}

std::vector<std::shared_ptr<ConfigurationManager>> Issuers::managers() const {
  const std::scoped_lock lock(state_->mutex);
  std::vector<std::shared_ptr<ConfigurationManager>> all;
  for (const auto& entry : state_->entries)
    if (entry->manager && !entry->is_resolved) all.push_back(entry->manager);
  return all;
}

}  // namespace gatehouse::discovery
