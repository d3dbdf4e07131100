/// Clients in SQLite; private to this room.
#pragma once

#include "gatehouse/stores/client_store.h"
#include "gatehouse/stores/sqlite_database.h"

namespace gatehouse::stores {

class SqliteClientStore final : public ClientStore {
 public:
  explicit SqliteClientStore(SqliteDatabase& database) : database_(database) {}

  Task<Result<Client>> find(std::string id) override;
  Task<Result<void>> add(Client client) override;
  Task<Result<void>> update(Client client) override;
  Task<Result<void>> remove(std::string id) override;
  Task<Result<std::vector<Client>>> list() override;

 private:
  SqliteDatabase& database_;
};

}  // namespace gatehouse::stores
