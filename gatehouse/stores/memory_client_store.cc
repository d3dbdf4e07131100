#include "gatehouse/stores/memory_client_store.h"

namespace gatehouse::stores {

Task<Result<Client>> MemoryClientStore::find(std::string id) {
  const std::lock_guard lock(mutex_);
  const auto found = clients_.find(id);
  if (found == clients_.end()) co_return fail(Failure::not_found, "client");
  co_return found->second;
}

Task<Result<void>> MemoryClientStore::add(Client client) {
  const std::lock_guard lock(mutex_);
  const std::string id = client.id;
  if (!clients_.try_emplace(id, std::move(client)).second) co_return fail(Failure::conflict, "client");
  co_return Result<void>();
}

Task<Result<void>> MemoryClientStore::update(Client client) {
  const std::lock_guard lock(mutex_);
  const auto found = clients_.find(client.id);
  if (found == clients_.end()) co_return fail(Failure::not_found, "client");
  found->second = std::move(client);
  co_return Result<void>();
}

Task<Result<void>> MemoryClientStore::remove(std::string id) {
  const std::lock_guard lock(mutex_);
  if (clients_.erase(id) == 0) co_return fail(Failure::not_found, "client");
  co_return Result<void>();
}

Task<Result<std::vector<Client>>> MemoryClientStore::list() {
  const std::lock_guard lock(mutex_);
  std::vector<Client> clients;
  for (const auto& [id, client] : clients_) clients.push_back(client);
  co_return clients;
}

}  // namespace gatehouse::stores
