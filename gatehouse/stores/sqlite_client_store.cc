#include "gatehouse/stores/sqlite_client_store.h"

#include <fmt/format.h>

namespace gatehouse::stores {
namespace {

// What was written by us reads again, unless somebody has changed it by hand.
Result<Client> client_at(const SqliteStatement& row) {
  auto client = client_from_json(row.text_at(1));
  if (!client)
    return fail(Failure::unavailable, fmt::format("client '{}': {}", row.text_at(0), client.error().subject));
  return client;
}

Result<void> change_one(SqliteConnection& connection, SqliteStatement& statement) {
  GH_CHECK(connection.finish(statement));
  return connection.changes() == 1 ? Result<void>() : fail(Failure::not_found, "client");
}

Result<std::vector<Client>> list_all(SqliteConnection& connection) {
  auto statement = connection.prepare("SELECT id, definition FROM clients ORDER BY id");
  std::vector<Client> clients;
  int outcome = statement.step();
  for (; outcome == SQLITE_ROW; outcome = statement.step()) {
    GH_TRY(Client client, client_at(statement));
    clients.push_back(std::move(client));
  }
  if (outcome != SQLITE_DONE) return std::unexpected(connection.trouble());
  return clients;
}

}  // namespace

Task<Result<Client>> SqliteClientStore::find(std::string id) {
  auto job = [id = std::move(id)](SqliteConnection& connection) -> Result<Client> {
    auto statement = connection.prepare("SELECT id, definition FROM clients WHERE id = ?1");
    const int outcome = statement.text(id).step();
    if (outcome == SQLITE_DONE) return fail(Failure::not_found, "client");
    if (outcome != SQLITE_ROW) return std::unexpected(connection.trouble());
    return client_at(statement);
  };
  co_return co_await database_.read(std::move(job));
}

Task<Result<void>> SqliteClientStore::add(Client client) {
  auto job = [client = std::move(client)](SqliteConnection& connection) -> Result<void> {
    auto statement = connection.prepare("INSERT INTO clients (id, definition) VALUES (?1, ?2)");
    const int outcome = statement.text(client.id).text(to_json(client)).step();
    if (outcome == SQLITE_CONSTRAINT_PRIMARYKEY) return fail(Failure::conflict, "client");
    return outcome == SQLITE_DONE ? Result<void>() : std::unexpected(connection.trouble());
  };
  co_return co_await database_.write(std::move(job));
}

Task<Result<void>> SqliteClientStore::update(Client client) {
  auto job = [client = std::move(client)](SqliteConnection& connection) {
    auto statement = connection.prepare("UPDATE clients SET definition = ?2 WHERE id = ?1");
    return change_one(connection, statement.text(client.id).text(to_json(client)));
  };
  co_return co_await database_.write(std::move(job));
}

Task<Result<void>> SqliteClientStore::remove(std::string id) {
  auto job = [id = std::move(id)](SqliteConnection& connection) {
    auto statement = connection.prepare("DELETE FROM clients WHERE id = ?1");
    return change_one(connection, statement.text(id));
  };
  co_return co_await database_.write(std::move(job));
}

Task<Result<std::vector<Client>>> SqliteClientStore::list() { co_return co_await database_.read(&list_all); }

}  // namespace gatehouse::stores
