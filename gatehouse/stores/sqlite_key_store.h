/// Keys in SQLite; private to this room.
#pragma once

#include "gatehouse/stores/key_store.h"
#include "gatehouse/stores/sqlite_database.h"

namespace gatehouse::stores {

class SqliteKeyStore final : public KeyStore {
 public:
  explicit SqliteKeyStore(SqliteDatabase& database) : database_(database) {}

  Task<Result<std::vector<StoredKey>>> list() override;
  Task<Result<void>> apply(std::vector<KeyChange> changes) override;

 private:
  SqliteDatabase& database_;
};

}  // namespace gatehouse::stores
