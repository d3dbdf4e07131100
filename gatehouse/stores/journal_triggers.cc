#include <memory>
#include <string>

#include "gatehouse/stores/revocation_journal.h"
#include "gatehouse/stores/sqlite_connection.h"

namespace gatehouse::stores {
namespace {

// Everything that is journaled, whoever writes it. Each line is written by its trigger alone and read by the
// statement of the same name in sqlite_restore.cc. Triggers of one connection: the file has none of them.
#define GH_JOURNAL(NAME, WHEN, ...)                                      \
  "CREATE TEMP TRIGGER journal_" NAME " AFTER " WHEN                     \
  " BEGIN SELECT gh_journal(lineage.id, backup, json_array(" __VA_ARGS__ \
  ")) FROM lineage WHERE backup > 0; END;"
#define GH_USER "'user', NEW.id, NEW.email, NEW.password_hash, NEW.roles, NEW.scopes, NEW.disabled, NEW.epoch"
#define GH_KEY                                                                                   \
  "'key', NEW.id, NEW.purpose, NEW.number, NEW.state, NEW.created, NEW.activates, NEW.retired, " \
  "NEW.removes, NEW.public_key, NEW.wrapping_key, NEW.wrapped IS NULL"

constexpr const char* triggers =
    // clang-format off
    GH_JOURNAL("user_added", "INSERT ON main.users", GH_USER)
    GH_JOURNAL("user_changed", "UPDATE ON main.users", GH_USER)
    GH_JOURNAL("user_removed", "DELETE ON main.users", "'user-removed', OLD.id")
    GH_JOURNAL("client_added", "INSERT ON main.clients", "'client', NEW.id, NEW.definition")
    GH_JOURNAL("client_changed", "UPDATE ON main.clients", "'client', NEW.id, NEW.definition")
    GH_JOURNAL("client_removed", "DELETE ON main.clients", "'client-removed', OLD.id")
    GH_JOURNAL("external_login_added", "INSERT ON main.external_logins",
               "'external-login', NEW.issuer, NEW.subject, NEW.user_id, NEW.created")
    GH_JOURNAL("external_login_removed", "DELETE ON main.external_logins",
               "'external-login-removed', OLD.issuer, OLD.subject")
    GH_JOURNAL("key_added", "INSERT ON main.keys", GH_KEY)
    GH_JOURNAL("key_changed", "UPDATE ON main.keys", GH_KEY)
    GH_JOURNAL("revoked", "INSERT ON main.revocations",
               "'revoked', NEW.sequence, NEW.kind, NEW.value, NEW.until, NEW.not_before")
    GH_JOURNAL("ended", "UPDATE OF ended ON main.sessions WHEN NEW.ended IS NOT NULL",
               "'ended', NEW.sid, NEW.ended, NEW.end_reason")
    "CREATE TEMP TRIGGER journal_rotated AFTER UPDATE OF generation ON main.sessions "
    "WHEN OLD.noted < (SELECT backup FROM lineage) BEGIN "
    "SELECT gh_journal(lineage.id, backup, json_array('rotated', NEW.sid, NEW.generation)) FROM lineage; "
    "UPDATE sessions SET noted = (SELECT backup FROM lineage) WHERE id = NEW.id; END;";
// clang-format on
#undef GH_KEY
#undef GH_USER
#undef GH_JOURNAL

std::string text_of(sqlite3_value* value) {
  const void* at = sqlite3_value_blob(value);
  const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
  return at ? std::string(static_cast<const char*>(at), size) : std::string();
}

void add_line(sqlite3_context* context, int /*count*/, sqlite3_value** values) {
  auto* journal = static_cast<RevocationJournal*>(sqlite3_user_data(context));
  const JournalPlace place{.lineage = text_of(values[0]),
                           .backup = static_cast<std::uint64_t>(sqlite3_value_int64(values[1]))};
  if (journal->size() == 0) journal->add(place, journal_transaction);
  journal->add(place, text_of(values[2]));
  sqlite3_result_null(context);
}

// Not zero: the transaction is rolled back instead.
int flush(void* journal) { return static_cast<RevocationJournal*>(journal)->flush() ? 0 : 1; }

void forget(void* journal) { static_cast<RevocationJournal*>(journal)->cut(0); }

}  // namespace

Result<void> keep_journal(SqliteConnection& connection, const std::string& path) {
  RevocationJournal& journal = connection.own(std::make_unique<RevocationJournal>(path));
  sqlite3* database = connection.handle();
  const int outcome = sqlite3_create_function_v2(database, "gh_journal", 3, SQLITE_UTF8, &journal, &add_line,
                                                 nullptr, nullptr, nullptr);
  if (outcome != SQLITE_OK) return std::unexpected(connection.trouble());
  sqlite3_commit_hook(database, &flush, &journal);
  sqlite3_rollback_hook(database, &forget, &journal);
  return connection.run(triggers);
}

}  // namespace gatehouse::stores
