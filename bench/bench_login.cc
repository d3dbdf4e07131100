// bench_login [--slots N] [--clients N] [--rounds N] [--seconds N]
//
// A flood of logins with wrong passwords against /login in our host, beside the same flood where a hash costs
// next to nothing: CPU time of the reactors for each request, which hashing must not raise, and the memory
// that the flood takes above that of the same connections at rest. Server and client are two processes; each
// client asks again as soon as it is answered. Throttles are off: all come from one address.
//
// Exit code 1 when the CPU time is over 1.1 times the control's, or the memory over 20 MiB a slot.

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sodium.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "gatehouse/gatehouse.h"

namespace gatehouse {
namespace {

struct Settings {
  std::size_t slots = 1;
  int clients = 1000;
  int rounds = 5;
  int seconds = 4;
  std::string serve;  // in the child: "real" or "stub"
};

// --- the server
// -----------------------------------------------------------------------------------------------

// Argon2id in eight KiB: some microseconds.
std::string cheap_hash() {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (sodium_init() < 0 ||
      crypto_pwhash_str_alg(text.data(), "password", 8, 1, 8192, crypto_pwhash_ALG_ARGON2ID13) != 0)
    throw std::runtime_error("no hash");
  return text.data();
}

int serve(const Settings& settings) {
  const char* arguments[] = {"bench_login", "--Urls", "http://127.0.0.1:0"};
  WebApplicationBuilder builder("bench_login", 3, const_cast<char**>(arguments));
  const auto users = stores::make_memory_user_store();
  const bool is_stub = settings.serve == "stub";
  const std::string hash = is_stub ? cheap_hash() : issuer::hash_password("password").value();
  users->add({.id = "u1", .email = "ada@example.com", .password_hash = hash}).value();
  LoginOptions options{.throttle = issuer::LoginThrottleOptions::unlimited(), .dominant_hash = hash};
  options.pool.slots = settings.slots;
  WebApplication app = builder.build();
  LoginService login(*users, options);
  JwtTokenService tokens({.issuer = "https://issuer.example", .audience = "api"},
                         issuer::read_signing_credentials("kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq").value(),
                         app.clock());
  app.map_post("/login", make_login_endpoint(login, tokens));
  return app.run();
}

class Server {
 public:
  Server(const char* program, const Settings& settings, const char* kind) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      close(ends[0]);
      close(ends[1]);
      const std::string slots = std::to_string(settings.slots);
      execl(program, program, "--serve", kind, "--slots", slots.c_str(), nullptr);
      _exit(127);
    }
    close(ends[1]);
    std::string said;
    std::array<char, 256> piece{};
    const std::string_view before = "http://127.0.0.1:";
    while (!said.contains(before) || !std::string_view(said).substr(said.find(before)).contains('\n')) {
      const auto count = read(ends[0], piece.data(), piece.size());
      if (count <= 0) throw std::runtime_error("the server does not start");
      said.append(piece.data(), static_cast<std::size_t>(count));
    }
    port_ = static_cast<std::uint16_t>(std::stoi(said.substr(said.find(before) + before.size())));
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }

  std::uint16_t port() const { return port_; }

  // Of all threads but those that hash, in microseconds.
  double reactor_cpu() const {
    double nanoseconds = 0;
    for (const auto& task : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid_))) {
      std::string name;
      std::ifstream(task.path() / "comm") >> name;
      double time = 0;
      std::ifstream(task.path() / "schedstat") >> time;
      if (name != "login") nanoseconds += time;
    }
    return nanoseconds / 1000;
  }

  double status(std::string_view name) const {  // in MiB
    std::ifstream file(fmt::format("/proc/{}/status", pid_));
    for (std::string line; std::getline(file, line);)
      if (line.starts_with(name)) return std::stod(line.substr(name.size() + 1)) / 1024;
    return 0;
  }
  void forget_peak() const { std::ofstream(fmt::format("/proc/{}/clear_refs", pid_)) << "5"; }

 private:
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
};

// --- the clients
// ----------------------------------------------------------------------------------------------

std::string post(std::string_view body) {
  return fmt::format(
      "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\n\r\n{}",
      body.size(), body);
}

class Clients {
 public:
  Clients(std::uint16_t port, int count)
      : epoll_(epoll_create1(0)), answers_(static_cast<std::size_t>(count)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < count; ++i) {
      const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
      if (connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("cannot connect");
      fcntl(socket, F_SETFL, O_NONBLOCK);
      sockets_.push_back(socket);
      epoll_event event{.events = EPOLLIN, .data = {.u32 = static_cast<std::uint32_t>(i)}};
      epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
    }
  }
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;
  ~Clients() {
    for (const int socket : sockets_) close(socket);
    close(epoll_);
  }

  /// All ask; each that is answered asks again until `time` is over. Ends when all are answered: how often
  /// with which status.
  std::map<int, int> ask(std::string_view request, std::chrono::milliseconds time) {
    std::map<int, int> statuses;
    const auto end = std::chrono::steady_clock::now() + time;
    for (const int socket : sockets_) send_all(socket, request);
    std::size_t open = sockets_.size();
    std::array<epoll_event, 256> events{};
    while (open > 0) {
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 10'000);
      if (count <= 0) throw std::runtime_error("the server does not answer");
      const bool goes_on = std::chrono::steady_clock::now() < end;
      for (int i = 0; i < count; ++i) {
        const std::size_t client = events[static_cast<std::size_t>(i)].data.u32;
        const int status = receive(client);
        if (status == 0) continue;
        ++statuses[status];
        if (goes_on)
          send_all(sockets_[client], request);
        else
          --open;
      }
    }
    return statuses;
  }

 private:
  static void send_all(int socket, std::string_view text) {
    if (send(socket, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size()))
      throw std::runtime_error("cannot send");
  }

  int receive(std::size_t client) {  // the status of a whole answer, else 0
    std::array<char, 4096> piece{};
    std::string& answer = answers_[client];
    const auto count = recv(sockets_[client], piece.data(), piece.size(), 0);
    if (count <= 0) throw std::runtime_error("the server has closed a connection");
    answer.append(piece.data(), static_cast<std::size_t>(count));
    const std::size_t head = answer.find("\r\n\r\n");
    const std::size_t length = answer.find("Content-Length: ");
    if (head == std::string::npos || length == std::string::npos) return 0;
    if (answer.size() < head + 4 + std::stoul(answer.substr(length + 16))) return 0;
    const int status = std::stoi(answer.substr(9, 3));
    answer.clear();
    return status;
  }

  int epoll_;
  std::vector<int> sockets_;
  std::vector<std::string> answers_;
};

// --- the comparison
// -------------------------------------------------------------------------------------------

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

const std::string wrong_password = post(R"({"email":"ada@example.com","password":"wrong"})");

class Contender {
 public:
  Contender(const char* program, const Settings& settings, const char* kind)
      : server_(program, settings, kind), clients_(server_.port(), settings.clients) {
    // Every connection has been used, and one login made: code and buffers are in memory, and no hash is.
    (void)clients_.ask(post("{}"), std::chrono::milliseconds(200));
    (void)Clients(server_.port(), 1).ask(wrong_password, std::chrono::milliseconds(0));
    idle_ = server_.status("VmRSS:");
    server_.forget_peak();
  }

  void flood(std::chrono::seconds time) {
    const double before = server_.reactor_cpu();
    const auto statuses = clients_.ask(wrong_password, time);
    int all = 0;
    for (const auto& [status, count] : statuses) {
      statuses_[status] += count;
      all += count;
    }
    microseconds_.push_back((server_.reactor_cpu() - before) / all);
  }

  double cpu() const { return median(microseconds_); }
  double grown() const { return server_.status("VmHWM:") - idle_; }

  void print(std::string_view name) const {
    fmt::print("{:<24} {:>10.2f} {:>10.1f} {:>10.1f}  ", name, cpu(), idle_, grown());
    for (const auto& [status, count] : statuses_) fmt::print(" {}: {}", status, count);
    fmt::print("\n");
  }

 private:
  Server server_;
  Clients clients_;
  double idle_ = 0;
  std::vector<double> microseconds_;
  std::map<int, int> statuses_;
};

int compare(const char* program, const Settings& settings) {
  Contender real(program, settings, "real");
  Contender stub(program, settings, "stub");
  for (int round = 0; round < settings.rounds; ++round) {
    real.flood(std::chrono::seconds(settings.seconds));
    stub.flood(std::chrono::seconds(settings.seconds));
  }
  fmt::print("{} clients, {} rounds of {} s, {} slots\n", settings.clients, settings.rounds, settings.seconds,
             settings.slots);
  fmt::print("{:<24} {:>10} {:>10} {:>10}   answers\n", "hasher", "reactor us", "idle MiB", "peak +MiB");
  real.print("Argon2id, 19 MiB");
  stub.print("Argon2id, 8 KiB");
  const double ratio = real.cpu() / stub.cpu();
  const double room = 20.0 * static_cast<double>(settings.slots);
  fmt::print("reactor CPU of a request: {:.2f} x the control (1.10 at most)\n", ratio);
  fmt::print("memory: {:.1f} MiB above idle ({:.0f} at most)\n", real.grown(), room);
  return ratio <= 1.1 && real.grown() <= room ? 0 : 1;
}

int run(int argc, char** argv) {
  Settings settings;
  CLI::App app("A flood of logins beside one where a hash costs next to nothing");
  app.add_option("--slots", settings.slots, "of the hashing pool")->check(CLI::Range(1, 64));
  app.add_option("--clients", settings.clients)->check(CLI::Range(1, 10'000));
  app.add_option("--rounds", settings.rounds)->check(CLI::Range(1, 100));
  app.add_option("--seconds", settings.seconds, "a round")->check(CLI::Range(1, 600));
  app.add_option("--serve", settings.serve)->group("");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return settings.serve.empty() ? compare(argv[0], settings) : serve(settings);
}

}  // namespace
}  // namespace gatehouse

int main(int argc, char** argv) try {
  return gatehouse::run(argc, argv);
} catch (const std::exception& error) {
  fmt::print(stderr, "bench_login: {}\n", error.what());
  return 2;
}
