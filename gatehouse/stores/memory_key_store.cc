#include "gatehouse/stores/memory_key_store.h"

#include <algorithm>
#include <utility>

namespace gatehouse::stores {
namespace {

bool is_alone(const std::vector<StoredKey>& keys, const StoredKey& key, KeyState state) {
  return key.state != state || std::ranges::count_if(keys, [&](const StoredKey& other) {
                                 return other.purpose == key.purpose && other.state == state;
                               }) == 1;
}

bool carry_out(std::vector<StoredKey>& keys, const KeyChange& change) {
  const auto same_id = std::ranges::find(keys, change.key.id, &StoredKey::id);
  if (change.from) {
    if (same_id == keys.end() || same_id->state != *change.from) return false;
    *same_id = change.key;
  } else {
    const bool is_number_taken = std::ranges::any_of(keys, [&](const StoredKey& other) {
      return other.purpose == change.key.purpose && other.number == change.key.number;
    });
    if (same_id != keys.end() || is_number_taken) return false;
    keys.push_back(change.key);
  }
  return is_alone(keys, change.key, KeyState::announced) && is_alone(keys, change.key, KeyState::active);
}

}  // namespace

Task<Result<std::vector<StoredKey>>> MemoryKeyStore::list() {
  const std::lock_guard lock(mutex_);
  co_return keys_;
}

Task<Result<void>> MemoryKeyStore::apply(std::vector<KeyChange> changes) {
  const std::lock_guard lock(mutex_);
  std::vector<StoredKey> keys = keys_;
  for (const KeyChange& change : changes)
    if (!carry_out(keys, change)) co_return fail(Failure::conflict, change.key.id);
  std::ranges::sort(keys, [](const StoredKey& a, const StoredKey& b) {
    return std::pair(a.purpose, a.number) < std::pair(b.purpose, b.number);
  });
  keys_ = std::move(keys);
  co_return Result<void>();
}

}  // namespace gatehouse::stores
