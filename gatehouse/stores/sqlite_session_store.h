/// Sessions and the revocation log in SQLite; private to this room.
#pragma once

#include "gatehouse/stores/revocation_log.h"
#include "gatehouse/stores/session_store.h"
#include "gatehouse/stores/sqlite_database.h"

namespace gatehouse::stores {

class SqliteSessionStore final : public SessionStore {
 public:
  explicit SqliteSessionStore(SqliteDatabase& database) : database_(database) {}

  Task<Result<void>> add(Session session) override;
  Task<Result<RotationOutcome>> rotate(SessionRotation rotation) override;
  Task<Result<RotationOutcome>> carry_on(SessionRotation rotation) override;
  Task<Result<bool>> use_grace(std::string id, std::uint32_t generation, int most) override;
  Task<Result<std::vector<std::string>>> end(SessionSelection which, SessionEnd reason, Instant now,
                                             Instant revoked_until) override;
  Task<Result<int>> count_mismatch(std::string id, Instant now, Seconds window) override;
  Task<Result<void>> set_user_epoch(std::string sid, std::uint32_t epoch) override;
  Task<Result<Session>> find_by_id(std::string id) override;
  Task<Result<Session>> find_by_sid(std::string sid) override;
  Task<Result<std::vector<Session>>> list(std::string user_id, Instant now, std::size_t most) override;
  Task<Result<std::size_t>> remove_expired(Instant expired_before, std::size_t most) override;
  Task<Result<std::string>> forget_successors(Instant rotated_before, std::string after_id,
                                              std::size_t most) override;
  Task<Result<std::size_t>> count() override;

 private:
  Task<Result<RotationOutcome>> move_on(SessionRotation rotation, const char* sql);

  SqliteDatabase& database_;
};

class SqliteRevocationLog final : public RevocationLog {
 public:
  explicit SqliteRevocationLog(SqliteDatabase& database) : database_(database) {}

  Task<Result<std::uint64_t>> append(Revocation entry) override;
  Task<Result<RevocationPage>> after(std::uint64_t sequence, Instant now, std::size_t most) override;
  Task<Result<std::size_t>> remove_over(Instant over_before, std::size_t most) override;

 private:
  SqliteDatabase& database_;
};

/// As part of a write: the sequence number of the entry.
Result<std::uint64_t> append_revocation(SqliteConnection& connection, const Revocation& entry);

}  // namespace gatehouse::stores
