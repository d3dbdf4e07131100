#include "gatehouse/stores/sqlite_audit_log.h"

namespace gatehouse::stores {
namespace {

struct Link {
  std::uint64_t sequence = 0;
  std::string hash;
};

Result<Link> newest(SqliteConnection& connection) {
  auto statement = connection.prepare("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1");
  const int outcome = statement.step();
  if (outcome == SQLITE_DONE) return Link{};
  if (outcome != SQLITE_ROW) return std::unexpected(connection.trouble());
  return Link{.sequence = static_cast<std::uint64_t>(statement.number_at(0)), .hash = statement.text_at(1)};
}

}  // namespace

Result<void> append_audit(SqliteConnection& connection, const AuditEvent& event) {
  GH_TRY(const Link last, newest(connection));
  const std::uint64_t sequence = last.sequence + 1;
  auto statement = connection.prepare(
      "INSERT INTO audit (sequence, at, event, actor, subject, client, sid, address, reason, hash) VALUES "
      "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
  statement.number(static_cast<std::int64_t>(sequence)).instant(event.at).text(event.event).text(event.actor);
  statement.text(event.subject).text(event.client).text(event.sid).text(event.address).text(event.reason);
  return connection.finish(statement.octets(chain_hash(last.hash, sequence, event)));
}

Result<std::vector<AuditEntry>> audit_entries_after(SqliteConnection& connection, std::uint64_t sequence,
                                                    std::size_t most) {
  auto statement = connection.prepare(
      "SELECT sequence, at, event, actor, subject, client, sid, address, reason, hash FROM audit WHERE "
      "sequence > ?1 ORDER BY sequence LIMIT ?2");
  statement.number(static_cast<std::int64_t>(sequence)).number(static_cast<std::int64_t>(most));
  std::vector<AuditEntry> entries;
  int outcome = statement.step();
  for (; outcome == SQLITE_ROW; outcome = statement.step())
    entries.push_back({.sequence = static_cast<std::uint64_t>(statement.number_at(0)),
                       .event = {.at = statement.instant_at(1),
                                 .event = statement.text_at(2),
                                 .actor = statement.text_at(3),
                                 .subject = statement.text_at(4),
                                 .client = statement.text_at(5),
                                 .sid = statement.text_at(6),
                                 .address = statement.text_at(7),
                                 .reason = statement.text_at(8)},
                       .hash = statement.text_at(9)});
  if (outcome != SQLITE_DONE) return std::unexpected(connection.trouble());
  return entries;
}

Task<Result<void>> SqliteAuditLog::append(AuditEvent event) {
  auto job = [event = std::move(event)](SqliteConnection& connection) {
    return append_audit(connection, event);
  };
  co_return co_await database_.write(std::move(job));
}

Task<Result<std::vector<AuditEntry>>> SqliteAuditLog::after(std::uint64_t sequence, std::size_t most) {
  auto job = [sequence, most](SqliteConnection& connection) {
    return audit_entries_after(connection, sequence, most);
  };
  co_return co_await database_.read(std::move(job));
}

}  // namespace gatehouse::stores
