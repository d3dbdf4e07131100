#include "gatehouse/hosting/server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include "gatehouse/base/worker_pool.h"
#include "gatehouse/http/routing.h"
#include "tests/support/temporary_folder.h"

namespace gatehouse::hosting {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// A client that blocks, for at most ten seconds.
class Client {
 public:
  explicit Client(std::uint16_t port, bool over_ipv6 = false)
      : socket_(::socket(over_ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in v4{
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_addr = in6addr_loopback;
    is_connected_ =
        ::connect(socket_, over_ipv6 ? reinterpret_cast<sockaddr*>(&v6) : reinterpret_cast<sockaddr*>(&v4),
                  over_ipv6 ? sizeof v6 : sizeof v4) == 0;
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { ::close(socket_); }

  bool is_connected() const noexcept { return is_connected_; }
  void send(std::string_view octets) { (void)::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL); }

  /// One answer without a body, or everything until the end.
  std::string receive(bool until_end = false) {
    std::string all;
    char octet = 0;
    while ((until_end || !all.ends_with("\r\n\r\n")) && ::recv(socket_, &octet, 1, 0) == 1) all += octet;
    return all;
  }

 private:
  int socket_;
  bool is_connected_;
};

// One answer of who listens on a Unix socket; empty when nobody does.
std::string ask_socket(const std::string& path, std::string_view request) {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  std::string all;
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    (void)::send(socket, request.data(), request.size(), MSG_NOSIGNAL);
    char octet = 0;
    while (::recv(socket, &octet, 1, 0) == 1) all += octet;
  }
  ::close(socket);
  return all;
}

constexpr std::string_view get_root = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

bool has_ipv6() {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  const int socket = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool is_there =
      socket >= 0 && ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  if (socket >= 0) ::close(socket);
  return is_there;
}

class Servers : public testing::Test {
 protected:
  Servers() {
    pipeline.use(http::use_routing(routes));
    pipeline.use(http::run_endpoint);
    routes.add("GET", "/", http::make_handler([] { return http::results::no_content(); }));
  }
  ~Servers() override { stop(); }

  std::unique_ptr<Server> make(ServerOptions options) {
    return std::make_unique<Server>(std::move(options), pipeline, services, clock);
  }
  void run(ServerOptions options) {
    server = make(std::move(options));
    const Result<void> bound = server->bind();
    ASSERT_TRUE(bound) << bound.error().subject;
    runner = std::thread([this] { server->run(); });
  }
  void stop() {
    if (!runner.joinable()) return;
    server->stop();
    runner.join();
  }
  std::uint16_t port(std::size_t i = 0) const { return server->addresses().at(i).port; }

  http::RouteTable routes;
  http::Pipeline pipeline;
  http::ServiceCollection services;
  SystemClock clock;
  std::unique_ptr<Server> server;
  std::thread runner;
};

TEST_F(Servers, ServeOverLoopback) {
  run({.addresses = {{.host = "127.0.0.1"}}, .reactors = 2});
  for (int i = 0; i < 20; ++i) {
    Client client(port());
    client.send(get_root);
    EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 204 No Content\r\n"));
  }
  stop();
  EXPECT_EQ(server->statistics().requests_served, 20u);
  EXPECT_EQ(server->statistics().connections_accepted, 20u);
}

TEST_F(Servers, ServeLocalhostOnBothAddresses) {
  run({.addresses = {{.host = "localhost"}}, .reactors = 2});
  EXPECT_TRUE(Client(port()).is_connected());
  EXPECT_EQ(Client(port(), true).is_connected(), has_ipv6());
}

TEST_F(Servers, ServeEveryAddress) {
  run({.addresses = {{.host = "*"}, {.host = "127.0.0.1"}}, .reactors = 1});
  EXPECT_NE(port(0), port(1));
  EXPECT_TRUE(Client(port(0)).is_connected());
  EXPECT_TRUE(Client(port(1)).is_connected());
  EXPECT_EQ(Client(port(0), true).is_connected(), has_ipv6());
}

TEST_F(Servers, TellWhatTheyReject) {
  std::string seen;
  run({.addresses = {{.host = "127.0.0.1"}},
       .reactors = 1,
       .on_rejected = [&](const RejectedRequest& request) {
         seen = std::to_string(request.status) + " " + std::string(request.code) + " " +
                std::string(request.remote_address);
       }});
  Client client(port());
  client.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_THAT(client.receive(true), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  stop();
  EXPECT_EQ(seen, "400 host_invalid 127.0.0.1");
}

TEST_F(Servers, CutOffASilentClientByTheirOwnClock) {
  run({.addresses = {{.host = "127.0.0.1"}},
       .timeouts = {.header = std::chrono::milliseconds(1)},
       .reactors = 1});
  Client client(port());
  EXPECT_EQ(client.receive(true), "");
}

TEST_F(Servers, MayBeStoppedBeforeTheyRun) {
  server = make({.addresses = {{.host = "127.0.0.1"}}});
  ASSERT_TRUE(server->bind());
  server->stop();
  server->run();
  EXPECT_EQ(server->statistics().requests_served, 0u);
}

TEST_F(Servers, RefuseConnectionsOnceStopped) {
  run({.addresses = {{.host = "127.0.0.1"}}, .reactors = 2});
  EXPECT_TRUE(Client(port()).is_connected());
  stop();
  EXPECT_FALSE(Client(port()).is_connected());
}

TEST_F(Servers, StopOnASignal) {
  run({.addresses = {{.host = "127.0.0.1"}}, .reactors = 1, .handle_signals = true});
  Client client(port());
  client.send(get_root);
  EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 204"));
  ::kill(::getpid(), SIGTERM);
  runner.join();
  EXPECT_EQ(client.receive(true), "");
}

// A job on a worker that goes on when the test says so.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    is_reached_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return is_open_; });
  }
  void await_reached() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_reached_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
  bool is_reached_ = false;
};

class BusyServers : public Servers {
 protected:
  BusyServers() {
    routes.add("GET", "/work", http::make_handler([this](http::HttpContext&) -> Task<http::Response> {
                 const auto job = [this] { return gate.pass(), 7; };
                 const Result<int> result = co_await run_blocking(pool, job);
                 co_return http::Response{.status = result == 7 ? 204 : 503};
               }));
  }
  static constexpr std::string_view get_work = "GET /work HTTP/1.1\r\nHost: a\r\n\r\n";
  Gate gate;
  WorkerPool pool{"test", 1, 4};
};

TEST_F(BusyServers, FinishTheirRequestsBeforeTheyEnd) {
  run({.addresses = {{.host = "127.0.0.1"}}, .reactors = 2});
  Client client(port());
  client.send(get_work);
  gate.await_reached();
  server->stop();
  while (Client(port()).is_connected()) std::this_thread::yield();
  gate.open();
  const std::string answer = client.receive(true);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
  runner.join();
  EXPECT_EQ(server->statistics().requests_dropped, 0u);
}

TEST_F(BusyServers, DropWhatTakesLongerThanTheTimeout) {
  run({.addresses = {{.host = "127.0.0.1"}},
       .shutdown_timeout = std::chrono::milliseconds(1),
       .reactors = 1});
  Client client(port());
  client.send(get_work);
  gate.await_reached();
  stop();
  EXPECT_EQ(client.receive(true), "");
  EXPECT_EQ(server->statistics().requests_dropped, 1u);
  server.reset();
  gate.open();  // the job comes back to a server that is gone
}

struct BindCase {
  const char* name;
  ServerOptions options;
  const char* fault;
};

const BindCase bind_cases[] = {
    {"NoAddress", {}, "there is no address to listen on"},
    {"AName",
     {.addresses = {{.host = "example.com", .port = 1}}},
     "cannot listen on http://example.com:1: 'example.com' is no IP address; take one, 'localhost' or '*'"},
    {"AnAddressOfAnotherMachine",
     {.addresses = {{.host = "192.0.2.1", .port = 8080}}},
     "cannot listen on http://192.0.2.1:8080: this machine has no such address"},
    {"HttpsWithoutACertificate",
     {.addresses = {{.host = "localhost", .tls = true}}},
     "needs a certificate file"},
    {"AMissingCertificate",
     {.addresses = {{.host = "localhost", .tls = true}},
      .certificate_file = "/none.crt",
      .key_file = "/none.key"},
     "the TLS certificate file '/none.crt' does not exist"},
};

class Bind : public Servers, public testing::WithParamInterface<BindCase> {};

TEST_P(Bind, NamesTheFault) {
  const Result<void> bound = make(GetParam().options)->bind();
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().kind, Failure::configuration_invalid);
  EXPECT_THAT(bound.error().subject, HasSubstr(GetParam().fault));
}

INSTANTIATE_TEST_SUITE_P(Server, Bind, testing::ValuesIn(bind_cases),
                         [](const auto& test) { return test.param.name; });

TEST_F(Servers, NameAPortThatIsInUse) {
  for (const unsigned reactors : {1u, 2u}) {
    const auto first = make({.addresses = {{.host = "127.0.0.1"}}, .reactors = reactors});
    ASSERT_TRUE(first->bind());
    const ListenAddress taken = first->addresses().front();
    const Result<void> bound = make({.addresses = {taken}, .reactors = reactors})->bind();
    ASSERT_FALSE(bound) << "two servers would share the port, and the requests";
    EXPECT_THAT(bound.error().subject, HasSubstr(to_url(taken) + ": the port is in use"));
  }
}

TEST_F(Servers, ServeAUnixSocketToTheirOwnUser) {
  const test_support::TemporaryFolder folder;
  const std::string path = folder.path("admin.sock");
  std::string seen;
  routes.add("GET", "/who", http::make_handler([&](http::HttpContext& context) {
               seen = context.request.remote_address;
               return http::results::no_content();
             }));
  run({.addresses = {{.socket = path}}, .reactors = 2});
  EXPECT_THAT(ask_socket(path, "GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 204"));
  EXPECT_EQ(seen, "uid:" + std::to_string(::geteuid()));
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const Result<void> second = make({.addresses = {{.socket = path}}})->bind();
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().subject, HasSubstr("cannot listen on unix:" + path + ": another server does"));
  stop();
  EXPECT_EQ(ask_socket(path, get_root), "");
  EXPECT_TRUE(make({.addresses = {{.socket = path}}})->bind()) << "what is left of it is replaced";
}

TEST_F(Servers, ReplaceNoFileByAUnixSocket) {
  const test_support::TemporaryFolder folder;
  test_support::write_file(folder.path("notes"), "kept");
  EXPECT_FALSE(make({.addresses = {{.socket = folder.path("notes")}}})->bind());
  EXPECT_EQ(test_support::read_file(folder.path("notes")), "kept");
  EXPECT_THAT(make({.addresses = {{.socket = std::string(200, 'x')}}})->bind().error().subject,
              HasSubstr("the path is too long"));
}

TEST(ListenAddress, IsShownAsAUrl) {
  EXPECT_EQ(to_url({.socket = "/run/admin.sock"}), "unix:/run/admin.sock");
  EXPECT_EQ(to_url({.host = "localhost", .port = 8080}), "http://localhost:8080");
  EXPECT_EQ(to_url({.host = "::1", .port = 8443, .tls = true}), "https://[::1]:8443");
  EXPECT_EQ(to_url({.host = "[::]", .port = 80}), "http://[::]:80");
  EXPECT_EQ(to_url({.host = "+", .port = 80}), "http://*:80");
}

}  // namespace
}  // namespace gatehouse::hosting
