#include "gatehouse/stores/restore_sources.h"

#include <array>
#include <string_view>

#include "gatehouse/stores/session_store.h"

namespace gatehouse::stores {
namespace {

#define GH_DISABLE_CLIENTS                                                            \
  "UPDATE clients SET definition = json_set(definition, '$.disabled', json('true')) " \
  "WHERE definition->>'$.disabled' IS NOT 1 AND id "

// The lines that journal_triggers.cc writes: ?1->>n is the n-th element of one.
struct Rule {
  std::string_view kind;
  const char* sql;
};
constexpr std::array rules = {
    Rule{"user",
         "INSERT OR REPLACE INTO users (id, email, password_hash, roles, scopes, disabled, epoch) VALUES "
         "(?1->>1, "
         "?1->>2, ?1->>3, ?1->>4, ?1->>5, ?1->>6, ?1->>7)"},
    Rule{"user-removed",
         "UPDATE users SET disabled = 1, epoch = epoch + 1 WHERE id = ?1->>1 AND disabled = 0"},
    Rule{"client", "INSERT OR REPLACE INTO clients (id, definition) VALUES (?1->>1, ?1->>2)"},
    Rule{"client-removed", GH_DISABLE_CLIENTS "= ?1->>1"},
    Rule{"external-login",
         "INSERT OR REPLACE INTO external_logins (issuer, subject, user_id, created) VALUES (?1->>1, ?1->>2, "
         "?1->>3, ?1->>4)"},
    Rule{"external-login-removed", "DELETE FROM external_logins WHERE issuer = ?1->>1 AND subject = ?1->>2"},
    Rule{
        "key",
        "INSERT INTO keys (id, purpose, number, state, created, activates, retired, removes, public_key, "
        "wrapping_key, wrapped) VALUES (?1->>1, ?1->>2, ?1->>3, ?1->>4, ?1->>5, ?1->>6, ?1->>7, ?1->>8, "
        "?1->>9, "
        "?1->>10, NULL) ON CONFLICT (id) DO UPDATE SET state = excluded.state, activates = "
        "excluded.activates, "
        "retired = excluded.retired, removes = excluded.removes, wrapped = iif(?1->>11, NULL, wrapped) WHERE "
        "instr('announced active retired removed compromised', excluded.state) > "
        "instr('announced active retired removed compromised', state)"},
    Rule{"revoked",
         "INSERT OR REPLACE INTO revocations (sequence, kind, value, until, not_before) VALUES (?1->>1, "
         "?1->>2, "
         "?1->>3, ?1->>4, ?1->>5)"},
    Rule{"ended",
         "UPDATE sessions SET ended = ?1->>2, end_reason = ?1->>3 WHERE sid = ?1->>1 AND ended IS NULL"},
    // Marked with an instant that is long over.
    Rule{"rotated",
         "UPDATE sessions SET recoverable_until = 0 WHERE sid = ?1->>1 AND generation < ?1->>2 AND ended IS "
         "NULL"},
};

std::string_view kind_of(std::string_view text) {
  constexpr std::string_view begin = "[\"";
  if (!text.starts_with(begin)) return {};
  text.remove_prefix(begin.size());
  return text.substr(0, text.find('"'));
}

Result<std::size_t> withdraw_ended(SqliteConnection& connection, Instant now, Instant until,
                                   const char* ending) {
  const auto reason = static_cast<std::int64_t>(SessionEnd::restored);
  {
    auto end = connection.prepare(ending);
    GH_CHECK(connection.finish(end.instant(now).number(reason)));
  }
  const auto ended = static_cast<std::size_t>(connection.changes());
  auto withdraw = connection.prepare(
      "INSERT INTO revocations (kind, value, until, not_before) SELECT 'S', sid, ?3, 0 FROM sessions WHERE "
      "ended "
      "= ?1 AND end_reason = ?2 AND absolute_expires > ?1");
  GH_CHECK(connection.finish(withdraw.instant(now).number(reason).instant(until)));
  return ended;
}

}  // namespace

Result<void> absorb_old(SqliteConnection& connection) {
  GH_CHECK(connection.run(
      "UPDATE users SET disabled = 1, epoch = epoch + 1 WHERE disabled = 0 AND id NOT IN "
      "(SELECT id FROM old.users);" GH_DISABLE_CLIENTS "NOT IN (SELECT id FROM old.clients);"));
  // The audit log goes on where the backup's ends, when that is the same log.
  return connection.run(
      "INSERT OR REPLACE INTO users SELECT * FROM old.users;"
      "INSERT OR REPLACE INTO clients SELECT * FROM old.clients;"
      "DELETE FROM sessions; INSERT INTO sessions SELECT * FROM old.sessions;"
      "DELETE FROM external_logins; INSERT INTO external_logins SELECT * FROM old.external_logins;"
      "DELETE FROM keys; INSERT INTO keys SELECT * FROM old.keys;"
      "INSERT OR REPLACE INTO revocations SELECT * FROM old.revocations;"
      "UPDATE clock SET latest = max(latest, (SELECT latest FROM old.clock));"
      "INSERT INTO audit SELECT * FROM old.audit WHERE sequence > (SELECT ifnull(max(sequence), 0) FROM "
      "audit) AND "
      "(NOT EXISTS (SELECT * FROM audit) OR EXISTS (SELECT * FROM audit AS own JOIN old.audit AS other USING "
      "(sequence, hash) WHERE sequence = (SELECT max(sequence) FROM audit)));");
}

Result<BroughtBack> count_brought_back(SqliteConnection& connection) {
  auto statement = connection.prepare(
      "SELECT (SELECT count(*) FROM users WHERE id NOT IN (SELECT id FROM old.users)), "
      "(SELECT count(*) FROM clients WHERE id NOT IN (SELECT id FROM old.clients))");
  if (!statement.has_row()) return std::unexpected(connection.trouble());
  return BroughtBack{.users = static_cast<std::size_t>(statement.number_at(0)),
                     .clients = static_cast<std::size_t>(statement.number_at(1))};
}

Result<void> absorb_line(SqliteConnection& connection, const std::string& text, BroughtBack& brought_back) {
  if (text == journal_transaction) return {};
  const std::string_view kind = kind_of(text);
  for (const Rule& rule : rules) {
    if (rule.kind != kind) continue;
    auto statement = connection.prepare(rule.sql);
    GH_CHECK(connection.finish(statement.text(text)));
    const auto changed = static_cast<std::size_t>(connection.changes());
    if (kind == "user-removed") brought_back.users += changed;
    if (kind == "client-removed") brought_back.clients += changed;
    return {};
  }
  return fail(Failure::unavailable, "the journal has a line that this program does not know");
}

Result<void> settle_keys(SqliteConnection& connection, Instant now, Instant until) {
  auto statement = connection.prepare(
      "UPDATE keys SET retired = iif(state = 'active', ?1, retired), removes = ?2, state = iif(state = "
      "'active', "
      "'retired', 'removed') WHERE wrapped IS NULL AND state IN ('announced', 'active')");
  return connection.finish(statement.instant(now).instant(until));
}

Result<std::size_t> make_recoverable(SqliteConnection& connection, Instant recoverable_until) {
  auto statement = connection.prepare(
      "UPDATE sessions SET recoverable_until = ?1, secret_hash = x'', successor = NULL, request_hash = NULL "
      "WHERE "
      "recoverable_until = 0 AND ended IS NULL");
  GH_CHECK(connection.finish(statement.instant(recoverable_until)));
  return static_cast<std::size_t>(connection.changes());
}

Result<std::size_t> end_marked(SqliteConnection& connection, Instant now, Instant until) {
  return withdraw_ended(
      connection, now, until,
      "UPDATE sessions SET ended = ?1, end_reason = ?2 WHERE recoverable_until = 0 AND ended IS "
      "NULL");
}

Result<std::size_t> end_everything(SqliteConnection& connection, Instant now, Instant until) {
  return withdraw_ended(
      connection, now, until,
      "UPDATE sessions SET ended = ?1, end_reason = ?2 WHERE ended IS NULL AND absolute_expires > "
      "?1");
}

}  // namespace gatehouse::stores
