#include "gatehouse/issuer/client_cache.h"

#include <utility>

namespace gatehouse::issuer {

std::optional<stores::Client> ClientCache::recall(const std::string& id, Instant now) {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(id);
  if (found == known_.end() || now >= found->second.until) return std::nullopt;
  return found->second.client;
}

void ClientCache::remember(const stores::Client& client, std::uint64_t seen, Instant now) {
  const std::lock_guard lock(mutex_);
  if (changes_ != seen) return;
  if (known_.size() >= capacity_) known_.clear();
  known_.insert_or_assign(client.id, Known{.client = client, .until = now + lifetime_});
}

void ClientCache::forget(const std::string& id) {
  const std::lock_guard lock(mutex_);
  ++changes_;
  known_.erase(id);
}

Task<Result<stores::Client>> ClientCache::find(std::string id) {
  const Instant now = clock_.now();
  if (auto known = recall(id, now)) co_return *std::move(known);
  std::uint64_t seen = 0;
  {
    const std::lock_guard lock(mutex_);
    seen = changes_;
  }
  auto client = co_await store_.find(std::move(id));
  if (client) remember(*client, seen, now);
  co_return client;
}

Task<Result<void>> ClientCache::add(stores::Client client) {
  const std::string id = client.id;
  auto added = co_await store_.add(std::move(client));
  forget(id);
  co_return added;
}

Task<Result<void>> ClientCache::update(stores::Client client) {
  const std::string id = client.id;
  auto updated = co_await store_.update(std::move(client));
  forget(id);
  co_return updated;
}

Task<Result<void>> ClientCache::remove(std::string id) {
  const std::string removed_id = id;
  auto removed = co_await store_.remove(std::move(id));
  forget(removed_id);
  co_return removed;
}

Task<Result<std::vector<stores::Client>>> ClientCache::list() { co_return co_await store_.list(); }

}  // namespace gatehouse::issuer
