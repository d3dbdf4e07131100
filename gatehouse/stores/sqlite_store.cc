#include "gatehouse/stores/sqlite_audit_log.h"
#include "gatehouse/stores/sqlite_client_store.h"
#include "gatehouse/stores/sqlite_database.h"
#include "gatehouse/stores/sqlite_external_login_store.h"
#include "gatehouse/stores/sqlite_key_store.h"
#include "gatehouse/stores/sqlite_session_store.h"
#include "gatehouse/stores/store.h"

namespace gatehouse::stores {
namespace {

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(std::unique_ptr<SqliteDatabase> database)
      : database_(std::move(database)),
        sessions_(*database_),
        revocations_(*database_),
        clients_(*database_),
        keys_(*database_),
        audit_(*database_),
        external_logins_(*database_) {}

  SessionStore& sessions() override { return sessions_; }
  RevocationLog& revocations() override { return revocations_; }
  ClientStore& clients() override { return clients_; }
  KeyStore& keys() override { return keys_; }
  AuditLog& audit() override { return audit_; }
  ExternalLoginStore& external_logins() override { return external_logins_; }
  Instant latest() const override { return database_->latest(); }

 private:
  std::unique_ptr<SqliteDatabase> database_;
  SqliteSessionStore sessions_;
  SqliteRevocationLog revocations_;
  SqliteClientStore clients_;
  SqliteKeyStore keys_;
  SqliteAuditLog audit_;
  SqliteExternalLoginStore external_logins_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, const SqliteOptions& options) {
  GH_TRY(auto database, SqliteDatabase::open(path, options));
  return std::make_unique<SqliteStore>(std::move(database));
}

}  // namespace gatehouse::stores
