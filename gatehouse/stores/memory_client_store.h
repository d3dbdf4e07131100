/// Clients in memory; private to this room.
#pragma once

#include <map>
#include <mutex>

#include "gatehouse/stores/client_store.h"

namespace gatehouse::stores {

class MemoryClientStore final : public ClientStore {
 public:
  Task<Result<Client>> find(std::string id) override;
  Task<Result<void>> add(Client client) override;
  Task<Result<void>> update(Client client) override;
  Task<Result<void>> remove(std::string id) override;
  Task<Result<std::vector<Client>>> list() override;

 private:
  std::mutex mutex_;
  std::map<std::string, Client> clients_;
};

}  // namespace gatehouse::stores
