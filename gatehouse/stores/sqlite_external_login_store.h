/// External logins in SQLite; private to this room.
#pragma once

#include "gatehouse/stores/external_login_store.h"
#include "gatehouse/stores/sqlite_database.h"

namespace gatehouse::stores {

class SqliteExternalLoginStore final : public ExternalLoginStore {
 public:
  explicit SqliteExternalLoginStore(SqliteDatabase& database) : database_(database) {}

  Task<Result<ExternalLogin>> find(std::string issuer, std::string subject) override;
  Task<Result<void>> add(ExternalLogin login) override;
  Task<Result<void>> remove(std::string issuer, std::string subject) override;
  Task<Result<std::vector<ExternalLogin>>> list(std::string user_id) override;

 private:
  SqliteDatabase& database_;
};

}  // namespace gatehouse::stores
