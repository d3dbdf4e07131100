// What a million sessions take, in SQLite and in memory, and whether cleaning up keeps pace with sessions
// that end at a stated rate. COUNT and RATE (sessions that end in a second) may be given.
//
// ./dev bench sessions [COUNT [RATE]]

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <latch>
#include <semaphore>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/base/random.h"
#include "gatehouse/base/wait_for.h"
#include "gatehouse/issuer/authorization_server.h"
#include "tests/support/settable_clock.h"
#include "tests/support/temporary_folder.h"

namespace gatehouse {
namespace {

constexpr std::ptrdiff_t most_under_way = 1'000;
constexpr Seconds poll{60};
constexpr Seconds kept = std::chrono::days(7);

template <class T>
T must(Result<T> result) {
  if (result) return *std::move(result);
  fmt::print(stderr, "{}\n", result.error().subject);
  std::exit(1);
}

std::size_t resident_octets() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * 4'096;
}

std::string id_of(std::size_t number) { return fmt::format("{:016x}", number * 0x9e3779b97f4a7c15); }

// As a login makes it, with texts of the usual length.
stores::Session session(std::size_t number, Instant absolute_expires) {
  return {.id = id_of(number),
          .sid = random_text(),
          .user_id = fmt::format("user-{:017}", number),
          .client_id = "web-shop",
          .scope = "orders.read orders.write",
          .audience = "https://api.example.com",
          .amr = "pwd",
          .binding = {},
          .device = "Firefox on Linux",
          .address = "192.0.2.17",
          .created = absolute_expires - std::chrono::days(30),
          .idle_expires = absolute_expires,
          .absolute_expires = absolute_expires,
          .secret_hash = random_octets(32)};
}

// Starts what `make` makes for each number, many at a time, and waits for all.
template <class Make>
void for_each(std::size_t count, const Make& make) {
  std::counting_semaphore<> room(most_under_way);
  for (std::size_t i = 0; i < count; ++i) {
    room.acquire();
    start(make(i), [&](auto&& result) {
      must(std::move(result));
      room.release();
    });
  }
  for (std::ptrdiff_t i = 0; i < most_under_way; ++i) room.acquire();
}

void add(stores::SessionStore& sessions, std::size_t count, Instant first_end, double rate) {
  for_each(count, [&](std::size_t i) {
    const std::chrono::milliseconds after(static_cast<std::int64_t>(static_cast<double>(i) / rate * 1'000));
    return sessions.add(session(i, first_end + after));
  });
}

// Each of them once, so that it has a sealed successor and a nonce.
void rotate(stores::SessionStore& sessions, std::size_t count, Instant now) {
  for_each(count, [&](std::size_t i) -> Task<Result<stores::RotationOutcome>> {
    auto row = co_await sessions.find_by_id(id_of(i));
    if (!row) co_return std::unexpected(row.error());
    stores::SessionRotation rotation{.id = row->id,
                                     .client_id = row->client_id,
                                     .binding = {},
                                     .generation = 0,
                                     .secret_hash = row->secret_hash,
                                     .next_secret_hash = random_octets(32),
                                     .successor = random_octets(60),
                                     .request_hash = random_octets(32),
                                     .address = "192.0.2.17",
                                     .now = now,
                                     .idle_lifetime = std::chrono::days(14)};
    co_return co_await sessions.rotate(rotation);
  });
}

// Of the file once everything is in it.
std::size_t file_octets(const std::string& path) {
  sqlite3* database = nullptr;
  sqlite3_open(path.c_str(), &database);
  sqlite3_exec(database, "PRAGMA wal_checkpoint(TRUNCATE)", nullptr, nullptr, nullptr);
  sqlite3_close(database);
  return std::filesystem::file_size(path);
}

void print_size(std::string_view what, std::size_t octets, std::size_t count) {
  fmt::print("{:<34} {:>6} octets a session, {:>7.1f} MB\n", what, octets / count,
             static_cast<double>(octets) / 1e6);
}

std::size_t backlog(const std::string& path, Instant now) {
  sqlite3* database = nullptr;
  sqlite3_stmt* statement = nullptr;
  sqlite3_open(path.c_str(), &database);
  sqlite3_prepare_v2(database, "SELECT count(*) FROM sessions WHERE absolute_expires < ?1", -1, &statement,
                     nullptr);
  sqlite3_bind_int64(statement, 1, (now - kept).time_since_epoch().count());
  sqlite3_step(statement);
  const auto rows = static_cast<std::size_t>(sqlite3_column_int64(statement, 0));
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return rows;
}

// Every period so many more have been over for a week; maintain() is called once in each.
void clean_up(stores::Store& store, const std::string& path, std::size_t count, double rate,
              test_support::SettableClock& clock, Instant first_end) {
  const auto users = stores::make_memory_user_store();
  issuer::LoginService login(*users, {.pool = {.slots = 1}});
  const auto wrapper = must(issuer::KeyWrapper::make({Secret(std::string(32, 'w'))}));
  const auto server = must(wait_for(issuer::AuthorizationServer::open(
      store, *users, login, wrapper, {.issuer = "http://localhost"}, clock)));
  clock.advance(first_end + kept - clock.now());
  must(wait_for(server->maintain()));

  const auto periods = static_cast<std::size_t>(static_cast<double>(count) / rate / poll.count());
  std::size_t most_left = 0;
  std::chrono::duration<double, std::milli> longest{}, total{};
  for (std::size_t period = 0; period < periods; ++period) {
    clock.advance(poll);
    const auto begun = std::chrono::steady_clock::now();
    must(wait_for(server->maintain()));
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
    longest = std::max(longest, took);
    total += took;
    most_left = std::max(most_left, backlog(path, clock.now()));
  }
  fmt::print("{:.0f} sessions end a second, maintain() every {} s: backlog {} at most in {} periods\n", rate,
             poll.count(), most_left, periods);
  fmt::print("maintain(): {:.1f} ms each, {:.1f} ms at most, {:.2f} % of the time\n",
             total.count() / static_cast<double>(periods), longest.count(),
             total.count() / static_cast<double>(periods) / 10.0 / poll.count());
}

void run(std::size_t count, double rate) {
  test_support::SettableClock clock;
  const Instant first_end = clock.now() + std::chrono::days(30);
  const test_support::TemporaryFolder folder(".");  // a temporary one may be in memory
  const std::string path = folder.path("store.db");
  {
    const std::size_t before = resident_octets();
    const auto store = stores::make_memory_store();
    add(store->sessions(), count, first_end, rate);
    rotate(store->sessions(), count, clock.now());
    print_size("memory", resident_octets() - before, count);
  }
  const auto store = must(stores::open_sqlite_store(path));
  add(store->sessions(), count, first_end, rate);
  print_size("SQLite, after the login", file_octets(path), count);
  rotate(store->sessions(), count, clock.now());
  print_size("SQLite, refreshed once", file_octets(path), count);
  clean_up(*store, path, count, rate, clock, first_end);
}

}  // namespace
}  // namespace gatehouse

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const double rate = argc > 2 ? std::strtod(argv[2], nullptr) : 500;
  if (count == 0 || rate <= 0) return 2;
  gatehouse::run(count, rate);
}
