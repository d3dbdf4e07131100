/// The audit log in SQLite; private to this room.
#pragma once

#include "gatehouse/stores/audit_log.h"
#include "gatehouse/stores/sqlite_database.h"

namespace gatehouse::stores {

class SqliteAuditLog final : public AuditLog {
 public:
  explicit SqliteAuditLog(SqliteDatabase& database) : database_(database) {}

  Task<Result<void>> append(AuditEvent event) override;
  Task<Result<std::vector<AuditEntry>>> after(std::uint64_t sequence, std::size_t most) override;

 private:
  SqliteDatabase& database_;
};

/// As part of another write: the next link of the chain.
Result<void> append_audit(SqliteConnection& connection, const AuditEvent& event);

/// As part of a read.
Result<std::vector<AuditEntry>> audit_entries_after(SqliteConnection& connection, std::uint64_t sequence,
                                                    std::size_t most);

}  // namespace gatehouse::stores
