#include "gatehouse/issuer/key_ring.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "gatehouse/base/random.h"

namespace gatehouse::issuer {
namespace {

using stores::KeyState;
using stores::StoredKey;

constexpr std::string_view signing_prefix = "sign:";
constexpr std::string_view refresh_tag_purpose = "refresh-tag";
constexpr std::string_view device_purpose = "device";
constexpr int most_attempts = 5;  // each conflict is another process that got ahead
constexpr Seconds max_age_after_compromise{60};

std::optional<jose::Algorithm> algorithm_of(std::string_view purpose) {
  if (!purpose.starts_with(signing_prefix)) return std::nullopt;
  return jose::parse_algorithm(purpose.substr(signing_prefix.size()));
}

std::vector<StoredKey> of_purpose(const std::vector<StoredKey>& rows, std::string_view purpose) {
  std::vector<StoredKey> found;
  for (const StoredKey& row : rows)
    if (row.purpose == purpose) found.push_back(row);
  return found;
}

struct Made {
  StoredKey row;
  Secret secret;
};

// Slow for RSA and for a token: never on a reactor. `used` are the names of all keys that there were.
Result<Made> make_key(const NewKey& wanted, const std::string& purpose, Instant now, TokenKeys& token_keys,
                      const std::set<std::string>& used) {
  StoredKey row{.id = random_text(),
                .purpose = purpose,
                .number = wanted.number,
                .state = wanted.state,
                .created = now,
                .activates = wanted.activates};
  const auto algorithm = algorithm_of(purpose);
  if (!algorithm) return Made{.row = std::move(row), .secret = Secret(random_octets(32))};
  if (!token_keys.is_empty()) {
    GH_TRY(const TokenKeys::Named held, token_keys.next(*algorithm, used));
    row.id = held.key.kid();
    row.public_key = held.key.public_jwk();
    return Made{.row = std::move(row), .secret = Secret(held.uri)};
  }
  GH_TRY(const jose::Key key, jose::Key::generate(*algorithm));
  row.id = key.kid();
  row.public_key = key.public_jwk();
  return Made{.row = std::move(row), .secret = key.private_jwk()};
}

// A name that nobody can give a key of other material.
Result<jose::Key> public_key_of(const StoredKey& row) {
  auto key = jose::Key::from_jwk(row.public_key);
  if (!key || key->thumbprint() != row.id)
    return fail(Failure::configuration_invalid,
                fmt::format("key '{}' is not the one it was: the store was changed", row.id));
  return key;
}

Result<PublishedKeys> publish(const std::vector<StoredKey>& rows, Instant now,
                              const KeyRingReaders& readers) {
  std::vector<jose::Key> keys;
  PublishedKeys published{.max_age = readers.key_set_max_age};
  for (const KeyState state : {KeyState::active, KeyState::announced, KeyState::retired})
    for (const StoredKey& row : rows) {
      if (row.state != state || row.public_key.empty()) continue;
      GH_TRY(jose::Key key, public_key_of(row));
      keys.push_back(std::move(key));
    }
  for (const StoredKey& row : rows)
    if (row.state == KeyState::compromised && now < row.removes.value_or(now) + readers.refresh)
      published.max_age = std::min(published.max_age, max_age_after_compromise);
  published.keys = jose::KeySet(std::move(keys));
  published.jwks = published.keys.public_jwks();
  return published;
}

}  // namespace

Task<Result<std::unique_ptr<KeyRing>>> KeyRing::open(stores::KeyStore& store, KeyWrapper wrapper,
                                                     KeyRingOptions options, WorkerPool& pool,
                                                     const Clock& clock) {
  if (options.algorithms.empty())
    co_return fail(Failure::configuration_invalid, "there is no algorithm to sign with; name one, as ES256");
  GH_CO_CHECK(check_timing(options.signing, options.readers));
  std::unique_ptr<KeyRing> ring(new KeyRing(store, std::move(wrapper), std::move(options), pool, clock));
  GH_CO_CHECK(co_await ring->look());
  co_return ring;
}

std::vector<std::string> KeyRing::purposes() const {
  std::vector<std::string> all = {std::string(refresh_tag_purpose), std::string(device_purpose)};
  for (const jose::Algorithm algorithm : options_.algorithms)
    all.push_back(fmt::format("{}{}", signing_prefix, jose::name(algorithm)));
  return all;
}

const KeyRingTiming& KeyRing::timing_of(std::string_view purpose) const {
  return purpose.starts_with(signing_prefix) ? options_.signing : options_.secrets;
}

Task<Result<void>> KeyRing::refresh() {
  GH_CO_TRY(std::optional<Error> lacking, co_await look());
  if (lacking) co_return std::unexpected(*std::move(lacking));
  co_return Result<void>();
}

Task<Result<std::optional<Error>>> KeyRing::look() {
  std::optional<Error> lacking;
  // Whoever cannot open the keys that are there must not make new ones.
  GH_CO_TRY(Rows rows, co_await store_.list());
  GH_CO_CHECK(co_await read(rows));
  for (const std::string& purpose : purposes()) {
    bool is_settled = false;
    for (int attempt = 0; attempt < most_attempts && !is_settled; ++attempt) {
      GH_CO_TRY(is_settled, co_await settle(purpose, lacking));
    }
    if (!is_settled) co_return fail(Failure::unavailable, "the keys change faster than they can be read");
  }
  GH_CO_TRY(rows, co_await store_.list());
  GH_CO_TRY(Snapshot snapshot, co_await read(rows));
  snapshot_.publish(std::make_shared<const Snapshot>(std::move(snapshot)));
  co_return lacking;
}

// Whether nothing was due. A conflict is as good as a success: somebody has done it.
Task<Result<bool>> KeyRing::settle(std::string purpose, std::optional<Error>& lacking) {
  GH_CO_TRY(const Rows rows, co_await store_.list());
  KeyRingPlan plan = plan_key_ring(of_purpose(rows, purpose), clock_.now(), timing_of(purpose));
  if (plan.empty()) co_return true;
  auto done = co_await carry_out(std::move(purpose), std::move(plan));
  if (!done && done.error().kind != Failure::conflict) co_return std::unexpected(done.error());
  if (!done || !*done) co_return false;
  lacking = **std::move(done);
  co_return true;
}

// A key that is to be announced may be missing: what else is due, as in an emergency, is done without it.
Task<Result<std::optional<Error>>> KeyRing::carry_out(std::string purpose, KeyRingPlan plan) {
  const Instant now = clock_.now();
  std::vector<stores::KeyChange> changes = std::move(plan.changes);
  std::optional<Error> lacking;
  std::set<std::string> used;
  if (!token_keys_.is_empty()) {
    GH_CO_TRY(const Rows rows, co_await store_.list());
    for (const StoredKey& row : rows) used.insert(row.id);
  }
  for (const NewKey& wanted : plan.created) {
    auto job = [wanted, purpose, now, used, &held = token_keys_] {
      return make_key(wanted, purpose, now, held, used);
    };
    auto made = co_await run_blocking(pool_, std::move(job));
    const bool is_missing = !made && made.error().kind == Failure::not_found;
    if (is_missing && wanted.state == KeyState::announced) {
      lacking = std::move(made).error();
      continue;
    }
    if (!made) co_return std::unexpected(std::move(made).error());
    used.insert(made->row.id);
    changes.push_back({.key = wrapper_.wrap(made->row, made->secret), .from = std::nullopt});
  }
  if (changes.empty()) co_return lacking;
  GH_CO_CHECK(co_await store_.apply(std::move(changes)));
  co_return lacking;
}

// Here where keys are only unsealed, and on the pool where a token is asked.
Task<Result<KeyRing::Snapshot>> KeyRing::read(const Rows& rows) {
  if (token_keys_.is_empty()) co_return read_all(rows);
  auto job = [this, rows] { return read_all(rows); };
  co_return co_await run_blocking(pool_, std::move(job));
}

Result<KeyRing::Snapshot> KeyRing::read_all(const Rows& rows) {
  Snapshot snapshot{.seen = clock_.now()};
  RefreshTagKeys tags;
  for (const StoredKey& row : rows)
    if (!row.wrapped.empty()) GH_CHECK(read_key(row, snapshot, tags));
  if (auto format = RefreshTokenFormat::make(std::move(tags)))
    snapshot.refresh_format = std::make_shared<const RefreshTokenFormat>(*std::move(format));
  GH_TRY(PublishedKeys published, publish(rows, snapshot.seen, options_.readers));
  snapshot.published = std::make_shared<const PublishedKeys>(std::move(published));
  return snapshot;
}

Result<void> KeyRing::read_key(const StoredKey& row, Snapshot& snapshot, RefreshTagKeys& tags) {
  GH_TRY(Secret secret, wrapper_.unwrap(row));
  const bool is_active = row.state == KeyState::active;
  if (const auto algorithm = algorithm_of(row.purpose)) {
    if (!is_active) return {};
    const bool is_held = TokenKeys::is_name(secret.reveal());
    GH_TRY(jose::Key key, is_held ? token_keys_.open(std::string(secret.reveal()), row.id)
                                  : jose::Key::from_jwk(secret.reveal()));
    snapshot.signing.insert_or_assign(
        *algorithm, SigningCredentials{.key = key.with_kid(row.id), .algorithm = *algorithm});
  } else if (row.purpose == refresh_tag_purpose) {
    const auto number = static_cast<std::uint8_t>(row.number);
    if (is_active) tags.current = number;
    tags.keys.insert_or_assign(number, std::move(secret));
  } else if (row.purpose == device_purpose && is_active) {
    snapshot.device = std::move(secret);
  }
  return {};
}

Result<SigningCredentials> KeyRing::signing_credentials(jose::Algorithm algorithm) const {
  const auto snapshot = snapshot_.read();
  if (clock_.now() - snapshot->seen > options_.signing.announce / 2)
    return fail(Failure::unavailable, "the key ring has not been read for too long to sign");
  const auto found = snapshot->signing.find(algorithm);
  if (found == snapshot->signing.end())
    return fail(Failure::configuration_invalid,
                fmt::format("the ring has no key for {}; add it to the algorithms", jose::name(algorithm)));
  return found->second;
}

std::shared_ptr<const PublishedKeys> KeyRing::published() const { return snapshot_.read()->published; }

std::shared_ptr<const RefreshTokenFormat> KeyRing::refresh_format() const {
  return snapshot_.read()->refresh_format;
}

Secret KeyRing::device_key() const { return snapshot_.read()->device; }

Task<Result<std::string>> KeyRing::rotate(jose::Algorithm algorithm) {
  std::string purpose = fmt::format("{}{}", signing_prefix, jose::name(algorithm));
  GH_CO_TRY(const Rows rows, co_await store_.list());
  GH_CO_TRY(KeyRingPlan plan, plan_rotation(of_purpose(rows, purpose), clock_.now(), options_.signing));
  GH_CO_CHECK(co_await carry_out(std::move(purpose), std::move(plan)));
  GH_CO_CHECK(co_await look());
  GH_CO_TRY(const SigningCredentials active, signing_credentials(algorithm));
  co_return active.key.kid();
}

Task<Result<std::string>> KeyRing::compromise(std::string id) {
  GH_CO_TRY(const Rows rows, co_await store_.list());
  const auto found = std::ranges::find(rows, id, &StoredKey::id);
  std::string purpose = found == rows.end() ? std::string() : found->purpose;
  GH_CO_TRY(KeyRingPlan plan,
            plan_compromise(of_purpose(rows, purpose), id, clock_.now(), timing_of(purpose)));
  GH_CO_CHECK(co_await carry_out(purpose, std::move(plan)));
  GH_CO_CHECK(co_await look());
  const auto algorithm = algorithm_of(purpose);
  if (!algorithm) co_return std::string();
  GH_CO_TRY(const SigningCredentials active, signing_credentials(*algorithm));
  co_return active.key.kid();
}

Task<Result<std::size_t>> KeyRing::rewrap() {
  GH_CO_TRY(const Rows rows, co_await store_.list());
  std::vector<stores::KeyChange> changes;
  for (const StoredKey& row : rows) {
    if (row.wrapped.empty() || wrapper_.has_wrapped(row)) continue;
    GH_CO_TRY(const Secret secret, wrapper_.unwrap(row));
    changes.push_back({.key = wrapper_.wrap(row, secret), .from = row.state});
  }
  const std::size_t count = changes.size();
  GH_CO_CHECK(co_await store_.apply(std::move(changes)));
  co_return count;
}

}  // namespace gatehouse::issuer
