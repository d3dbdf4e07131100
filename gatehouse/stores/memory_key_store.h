/// Keys in memory; private to this room.
#pragma once

#include <mutex>

#include "gatehouse/stores/key_store.h"

namespace gatehouse::stores {

class MemoryKeyStore final : public KeyStore {
 public:
  Task<Result<std::vector<StoredKey>>> list() override;
  Task<Result<void>> apply(std::vector<KeyChange> changes) override;

 private:
  std::mutex mutex_;
  std::vector<StoredKey> keys_;  // by purpose and number
};

}  // namespace gatehouse::stores
