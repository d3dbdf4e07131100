#include "gatehouse/stores/sqlite_key_store.h"

#include <fmt/format.h>

namespace gatehouse::stores {
namespace {

Result<StoredKey> key_at(const SqliteStatement& row) {
  const auto state = read_key_state(row.text_at(3));
  if (!state) return fail(Failure::unavailable, fmt::format("key '{}' has no known state", row.text_at(0)));
  return StoredKey{.id = row.text_at(0),
                   .purpose = row.text_at(1),
                   .number = static_cast<std::uint32_t>(row.number_at(2)),
                   .state = *state,
                   .created = row.instant_at(4),
                   .activates = row.instant_at(5),
                   .retired = row.optional_instant_at(6),
                   .removes = row.optional_instant_at(7),
                   .public_key = row.text_at(8),
                   .wrapped = row.text_at(9),
                   .wrapping_key = row.text_at(10)};
}

Result<std::vector<StoredKey>> list_all(SqliteConnection& connection) {
  auto statement = connection.prepare(
      "SELECT id, purpose, number, state, created, activates, retired, removes, public_key, wrapped, "
      "wrapping_key FROM keys ORDER BY purpose, number");
  std::vector<StoredKey> keys;
  int outcome = statement.step();
  for (; outcome == SQLITE_ROW; outcome = statement.step()) {
    GH_TRY(StoredKey key, key_at(statement));
    keys.push_back(std::move(key));
  }
  if (outcome != SQLITE_DONE) return std::unexpected(connection.trouble());
  return keys;
}

Result<void> carry_out(SqliteConnection& connection, const KeyChange& change) {
  const StoredKey& key = change.key;
  auto statement = connection.prepare(
      change.from
          ? "UPDATE keys SET purpose = ?2, number = ?3, state = ?4, created = ?5, activates = ?6, "
            "retired = ?7, removes = ?8, public_key = ?9, wrapped = ?10, wrapping_key = ?11 WHERE id = "
            "?1 AND state = ?12"
          : "INSERT INTO keys (id, purpose, number, state, created, activates, retired, removes, "
            "public_key, wrapped, wrapping_key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
  statement.text(key.id).text(key.purpose).number(key.number).text(name(key.state));
  statement.instant(key.created).instant(key.activates).instant(key.retired).instant(key.removes);
  statement.text(key.public_key).octets_or_null(key.wrapped).text(key.wrapping_key);
  if (change.from) statement.text(name(*change.from));
  const int outcome = statement.step();
  if (outcome == SQLITE_CONSTRAINT_PRIMARYKEY || outcome == SQLITE_CONSTRAINT_UNIQUE)
    return fail(Failure::conflict, key.id);
  if (outcome != SQLITE_DONE) return std::unexpected(connection.trouble());
  return connection.changes() == 1 ? Result<void>() : fail(Failure::conflict, key.id);
}

}  // namespace

Task<Result<std::vector<StoredKey>>> SqliteKeyStore::list() { co_return co_await database_.read(&list_all); }

Task<Result<void>> SqliteKeyStore::apply(std::vector<KeyChange> changes) {
  auto job = [changes = std::move(changes)](SqliteConnection& connection) -> Result<void> {
    for (const KeyChange& change : changes) GH_CHECK(carry_out(connection, change));
    return {};
  };
  co_return co_await database_.write(std::move(job));
}

}  // namespace gatehouse::stores
