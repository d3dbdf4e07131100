#include "gatehouse/tokens/validated_token_cache.h"

#include <xxhash.h>

#include <algorithm>
#include <utility>

#include "gatehouse/base/random.h"

namespace gatehouse::tokens {
namespace {

constexpr std::uint8_t most_hits = 3;
constexpr std::size_t fresh_share = 10;  // a tenth

std::size_t octets_of(const claims::ClaimsPrincipal& principal) {
  std::size_t octets = sizeof principal;
  for (const claims::ClaimsIdentity& identity : principal.identities()) {
    octets += sizeof identity + identity.bootstrap_context.size();
    for (const claims::Claim& claim : identity.claims)
      octets += sizeof claim + claim.type.size() + claim.value.size() + claim.issuer.size() +
                claim.original_issuer.size() + claim.short_type.size();
  }
  return octets;
}

// The claims of a token take about as much as its text, once more as a table.
std::size_t octets_of(std::string_view text, const ValidatedToken& validated) {
  return sizeof validated + 4 * text.size() + octets_of(*validated.principal);
}

}  // namespace

ValidatedTokenCache::ValidatedTokenCache(std::size_t most_octets)
    : most_octets_(most_octets), secret_(random_octets(XXH3_SECRET_DEFAULT_SIZE)) {}

// Under a secret, so that nobody can choose tokens that fall together.
std::uint64_t ValidatedTokenCache::hash_of(std::string_view token) const noexcept {
  return XXH3_64bits_withSecret(token.data(), token.size(), secret_.data(), secret_.size());
}

std::shared_ptr<const ValidatedToken> ValidatedTokenCache::find(std::string_view token, Instant now) {
  const auto found = index_.find(hash_of(token));
  if (found == index_.end()) return nullptr;
  Entry& entry = *found->second;
  if (entry.text != token) return nullptr;
  const ValidatedToken& validated = *entry.validated;
  if (!validated.validity.holds(now) || !validated.trust->holds(now)) {
    erase(found->second);
    return nullptr;
  }
  entry.hits = std::min<std::uint8_t>(entry.hits + 1, most_hits);
  return entry.validated;
}

void ValidatedTokenCache::insert(std::string_view token, std::shared_ptr<const ValidatedToken> validated) {
  const std::uint64_t hash = hash_of(token);
  if (const auto known = index_.find(hash); known != index_.end()) erase(known->second);
  const std::size_t octets = sizeof(Entry) + octets_of(token, *validated);
  if (octets > most_octets_ / fresh_share) return;
  fresh_.push_back(
      {.hash = hash, .text = std::string(token), .validated = std::move(validated), .octets = octets});
  fresh_octets_ += octets;
  index_[hash] = std::prev(fresh_.end());
  make_room();
}

void ValidatedTokenCache::make_room() {
  while (octets() > most_octets_) {
    if (fresh_octets_ > most_octets_ / fresh_share)
      evict_fresh();
    else
      evict_kept();
  }
}

// Asked for again since it came: it stays. Otherwise it was one of many.
void ValidatedTokenCache::evict_fresh() {
  Entry& oldest = fresh_.front();
  if (oldest.hits == 0) return erase(fresh_.begin());
  oldest.hits = 0;
  oldest.is_kept = true;
  fresh_octets_ -= oldest.octets;
  kept_octets_ += oldest.octets;
  kept_.splice(kept_.end(), fresh_, fresh_.begin());
}

void ValidatedTokenCache::evict_kept() {
  Entry& oldest = kept_.front();
  if (oldest.hits == 0) return erase(kept_.begin());
  --oldest.hits;
  kept_.splice(kept_.end(), kept_, kept_.begin());
}

void ValidatedTokenCache::erase(Queue::iterator entry) {
  index_.erase(entry->hash);
  (entry->is_kept ? kept_octets_ : fresh_octets_) -= entry->octets;
  (entry->is_kept ? kept_ : fresh_).erase(entry);  // both would do, as nobody asks a list for its size
}

}  // namespace gatehouse::tokens
