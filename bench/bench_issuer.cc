// Refreshes of 64 clients over HTTP, in answers a second: rotate/memory, rotate/sqlite; and floor/sqlite, a
// loop that does nothing but write as many rows durably, 64 to a commit. Client and server share the
// machine's cores.

#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <thread>

#include "gatehouse/base/wait_for.h"
#include "gatehouse/hosting/web_application.h"
#include "gatehouse/issuer/authorization_server.h"
#include "tests/support/temporary_folder.h"

namespace {

using namespace gatehouse;

constexpr int clients = 64;
constexpr int refreshes = 20'000;  // of an iteration

// In the working directory: a temporary one may be in memory, where nothing is durable.
constexpr const char* folder_of_stores = ".";

int free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{
      .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  socklen_t size = sizeof address;
  ::bind(probe, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(probe);
  return ntohs(address.sin_port);
}

// One connection that presents its token, takes the successor, and goes on.
class Client {
 public:
  Client(int port, std::string token) : token_(std::move(token)) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address{.sin_family = AF_INET,
                              .sin_port = htons(static_cast<std::uint16_t>(port)),
                              .sin_addr = {htonl(INADDR_LOOPBACK)},
                              .sin_zero = {}};
    while (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      std::this_thread::yield();
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { ::close(socket_); }

  int socket() const noexcept { return socket_; }

  void send() {
    const std::string body = "grant_type=refresh_token&client_id=bench&refresh_token=" + token_;
    const std::string request = fmt::format(
        "POST /connect/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
        "application/x-www-form-urlencoded\r\n"
        "Content-Length: {}\r\n\r\n{}",
        body.size(), body);
    if (::write(socket_, request.data(), request.size()) != static_cast<ssize_t>(request.size()))
      std::abort();
  }

  // Whether an answer is complete; ends the program when it is not a refresh that was rotated.
  bool receive() {
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(socket_, buffer.data(), buffer.size());
    if (count <= 0) std::abort();
    answer_.append(buffer.data(), static_cast<std::size_t>(count));
    if (!answer_.ends_with('}')) return false;
    constexpr std::string_view member = R"("refresh_token":")";
    const std::size_t at = answer_.find(member);
    if (at == std::string::npos || !answer_.contains("Gatehouse-Refresh: rotated")) {
      fmt::print(stderr, "{}\n", answer_);
      std::abort();
    }
    const std::size_t begin = at + member.size();
    token_ = answer_.substr(begin, answer_.find('"', begin) - begin);
    answer_.clear();
    return true;
  }

 private:
  int socket_ = -1;
  std::string token_;
  std::string answer_;
};

// An issuer that is served by this process, and its clients.
class Issuer {
 public:
  explicit Issuer(std::unique_ptr<stores::Store> store) : store_(std::move(store)) {
    const int port = free_port();
    hosting::WebApplicationBuilder builder(
        "bench", {fmt::format("--Urls=http://127.0.0.1:{}", port), "--Logging:Level=error"});
    const issuer::KeyWrapper wrapper = issuer::KeyWrapper::make({Secret(std::string(32, 'w'))}).value();
    server_ = wait_for(issuer::AuthorizationServer::open(*store_, *users_, login_, wrapper,
                                                         {.issuer = "http://localhost"}, clock_))
                  .value();
    wait_for(store_->clients().add({.id = "bench", .grants = {"refresh_token"}, .scopes = {"read"}})).value();
    users_->add({.id = "ada", .email = "ada@example.com", .password_hash = "$h"}).value();
    app_ = std::make_unique<hosting::WebApplication>(builder.build());
    app_->map_authorization_server(*server_);
    thread_ = std::thread([this] { app_->run(); });
    for (int i = 0; i < clients; ++i) {
      auto started =
          wait_for(server_->sessions().start({.user_id = "ada", .client_id = "bench", .scope = "read"}));
      clients_.push_back(std::make_unique<Client>(port, started.value().refresh_token));
    }
  }
  Issuer(const Issuer&) = delete;
  Issuer& operator=(const Issuer&) = delete;
  ~Issuer() {
    clients_.clear();
    ::kill(::getpid(), SIGTERM);
    thread_.join();
  }

  void refresh(int count) {
    std::vector<pollfd> waiting;
    for (const auto& client : clients_)
      waiting.push_back({.fd = client->socket(), .events = POLLIN, .revents = 0});
    int sent = 0, received = 0;
    for (const auto& client : clients_) {
      client->send();
      ++sent;
    }
    while (received < count) {
      ::poll(waiting.data(), waiting.size(), -1);
      for (std::size_t i = 0; i < waiting.size(); ++i) {
        if (waiting[i].revents == 0 || !clients_[i]->receive()) continue;
        ++received;
        if (sent == count) continue;
        clients_[i]->send();
        ++sent;
      }
    }
  }

 private:
  SystemClock clock_;
  std::unique_ptr<stores::Store> store_;
  std::unique_ptr<stores::UserStore> users_ = stores::make_memory_user_store();
  issuer::LoginService login_{*users_, {.pool = {.slots = 1}}};
  std::unique_ptr<issuer::AuthorizationServer> server_;
  std::unique_ptr<hosting::WebApplication> app_;
  std::thread thread_;
  std::vector<std::unique_ptr<Client>> clients_;
};

void run(benchmark::State& state, std::unique_ptr<stores::Store> store) {
  Issuer issuer(std::move(store));
  issuer.refresh(1000);
  for (auto _ : state) issuer.refresh(refreshes);
  state.SetItemsProcessed(state.iterations() * refreshes);
}

void rotate_memory(benchmark::State& state) { run(state, stores::make_memory_store()); }

void rotate_sqlite(benchmark::State& state) {
  const test_support::TemporaryFolder folder(folder_of_stores);
  run(state, stores::open_sqlite_store(folder.path("store.db")).value());
}

void check(int outcome, int expected = SQLITE_OK) {
  if (outcome != expected) std::abort();
}

// The least that a durable rotation can be: one row changed, its commit shared by as many as there are
// clients.
void floor_sqlite(benchmark::State& state) {
  const test_support::TemporaryFolder folder(folder_of_stores);
  sqlite3* database = nullptr;
  check(sqlite3_open(folder.path("floor.db").c_str(), &database));
  check(sqlite3_exec(
      database,
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE sessions (id BLOB PRIMARY "
      "KEY, generation INTEGER, secret_hash BLOB, successor BLOB, rotated INTEGER) STRICT, WITHOUT "
      "ROWID",
      nullptr, nullptr, nullptr));
  sqlite3_stmt* update = nullptr;
  check(sqlite3_prepare_v2(
      database,
      "INSERT INTO sessions VALUES (?1, 0, ?2, ?3, 0) ON CONFLICT DO UPDATE SET generation = "
      "generation + 1, secret_hash = ?2, successor = ?3, rotated = rotated + 1",
      -1, &update, nullptr));
  for (auto _ : state)
    for (int i = 0; i < refreshes; i += clients) {
      check(sqlite3_exec(database, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr));
      for (int client = 0; client < clients; ++client) {
        const std::string id(16, static_cast<char>(client)), hash(32, 'h'), successor(60, 's');
        sqlite3_bind_blob(update, 1, id.data(), 16, SQLITE_STATIC);
        sqlite3_bind_blob(update, 2, hash.data(), 32, SQLITE_STATIC);
        sqlite3_bind_blob(update, 3, successor.data(), 60, SQLITE_STATIC);
        check(sqlite3_step(update), SQLITE_DONE);
        sqlite3_reset(update);
      }
      check(sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr));
    }
  sqlite3_finalize(update);
  sqlite3_close(database);
  state.SetItemsProcessed(state.iterations() * refreshes);
}

BENCHMARK(floor_sqlite)->Name("floor/sqlite")->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(rotate_memory)->Name("rotate/memory")->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(rotate_sqlite)->Name("rotate/sqlite")->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
