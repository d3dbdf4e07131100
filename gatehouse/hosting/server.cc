#include "gatehouse/hosting/server.h"

#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "gatehouse/hosting/connection.h"
#include "gatehouse/hosting/listener.h"
#include "gatehouse/hosting/reactor.h"
#include "gatehouse/hosting/tls.h"

namespace gatehouse::hosting {
namespace {

unsigned usable_cores() {
  cpu_set_t cores;
  if (::sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return std::max(1u, static_cast<unsigned>(CPU_COUNT(&cores)));
}

// The soft limit is 1024 for the sake of programs that use select(). Here it would be the cap on connections.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Wakes run(). A write to it is all that a signal handler may do.
class Bell {
 public:
  Bell() : number_(::eventfd(0, EFD_CLOEXEC)) {}
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  ~Bell() { ::close(number_); }

  int number() const noexcept { return number_; }
  void ring() const noexcept { ring(number_); }
  static void ring(int number) noexcept {
    const int error = errno;
    const std::uint64_t once = 1;
    [[maybe_unused]] const ssize_t written = ::write(number, &once, sizeof once);
    errno = error;
  }
  void wait() const {
    pollfd rung{.fd = number_, .events = POLLIN, .revents = 0};
    while (::poll(&rung, 1, -1) < 0 && errno == EINTR) continue;
  }

 private:
  int number_;
};

constexpr std::array<int, 2> stop_signals{SIGTERM, SIGINT};
std::atomic<int> bell_of_signals = -1;  // a handler is told nothing but its signal
static_assert(std::atomic<int>::is_always_lock_free);

// The first signal stops the server. From then on both have their usual effect, which is to end the process.
void on_stop_signal(int) {
  for (const int signal : stop_signals) ::signal(signal, SIG_DFL);
  Bell::ring(bell_of_signals.load());
}

class SignalHandling {
 public:
  explicit SignalHandling(const Bell& bell) {
    bell_of_signals = bell.number();
    struct sigaction action{};
    action.sa_handler = on_stop_signal;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    for (std::size_t i = 0; i < stop_signals.size(); ++i) ::sigaction(stop_signals[i], &action, &before_[i]);
  }
  SignalHandling(const SignalHandling&) = delete;
  SignalHandling& operator=(const SignalHandling&) = delete;
  ~SignalHandling() {
    for (std::size_t i = 0; i < stop_signals.size(); ++i) ::sigaction(stop_signals[i], &before_[i], nullptr);
  }

 private:
  std::array<struct sigaction, 2> before_{};
};

// One reactor and what is on it.
struct Shard {
  Shard(const Clock& clock, const Service& service) : reactor(clock), connections(reactor, service) {}

  Reactor reactor;
  Connections connections;
  std::vector<std::unique_ptr<Listener>> listeners;
  std::thread thread;
};

}  // namespace

struct Server::State {
  State(ServerOptions from, const http::Pipeline& pipeline, const http::ServiceCollection& services,
        const Clock& at)
      : options(std::move(from)),
        service{.pipeline = pipeline,
                .services = services,
                .clock = at,
                .limits = options.limits,
                .timeouts = options.timeouts,
                .on_rejected = options.on_rejected} {}

  void start();
  void finish();
  void await_none(std::optional<std::chrono::milliseconds> timeout);
  bool has_running() const {
    return std::ranges::any_of(shards, [](const auto& shard) { return shard->connections.running() > 0; });
  }

  ServerOptions options;
  Service service;
  Bell bell;
  std::optional<TlsContext> tls;
  std::vector<std::unique_ptr<Shard>> shards;

  std::mutex mutex;
  std::condition_variable changed;
  std::size_t busy_shards = 0;  // guarded by `mutex`
};

Server::Server(ServerOptions options, const http::Pipeline& pipeline, const http::ServiceCollection& services,
               const Clock& clock)
    : state_(std::make_unique<State>(std::move(options), pipeline, services, clock)) {}

// A request that was dropped may still be worked on by another thread, which writes into its frame and posts
// to its reactor. Nobody can say when that ends, so what it touches stays until the process ends.
Server::~Server() {
  if (!state_->has_running()) return;
  static std::mutex mutex;
  static auto* const kept = new std::vector<std::unique_ptr<State>>;
  const std::lock_guard lock(mutex);
  kept->push_back(std::move(state_));
}

Result<void> Server::bind() {
  State& state = *state_;
  ServerOptions& options = state.options;
  if (options.addresses.empty())
    return fail(Failure::configuration_invalid, "there is no address to listen on");
  if (std::ranges::any_of(options.addresses, &ListenAddress::tls)) {
    if (options.certificate_file.empty() || options.key_file.empty())
      return fail(Failure::configuration_invalid, "an https address needs a certificate file and a key file");
    GH_TRY(state.tls,
           TlsContext::load(options.certificate_file, options.key_file, state.service.clock.now()));
  }
  const unsigned reactors = options.reactors > 0 ? options.reactors : usable_cores();
  std::vector<std::unique_ptr<Shard>> shards;
  for (unsigned i = 0; i < reactors; ++i)
    shards.push_back(std::make_unique<Shard>(state.service.clock, state.service));
  for (ListenAddress& address : options.addresses) {
    GH_TRY(auto sockets, listen_on(address, reactors));
    for (unsigned i = 0; i < reactors; ++i)
      for (ListenSocket& socket : sockets[i])
        shards[i]->listeners.push_back(std::make_unique<Listener>(shards[i]->reactor, shards[i]->connections,
                                                                  std::move(socket),
                                                                  address.tls ? &*state.tls : nullptr));
  }
  state.shards = std::move(shards);
  return {};
}

const std::vector<ListenAddress>& Server::addresses() const noexcept { return state_->options.addresses; }

void Server::run() {
  std::optional<SignalHandling> signals;
  if (state_->options.handle_signals) signals.emplace(state_->bell);
  raise_descriptor_limit();
  state_->start();
  state_->bell.wait();
  state_->finish();
}

void Server::stop() noexcept { state_->bell.ring(); }

void Server::State::start() {
  for (const auto& shard : shards) {
    shard->reactor.post([&shard = *shard] {
      for (const auto& listener : shard.listeners) listener->start();
    });
    shard->thread = std::thread([&reactor = shard->reactor] { reactor.run(); });
  }
}

// Nothing new is accepted, what is being worked on is answered; then whatever is left is cut off.
void Server::State::finish() {
  busy_shards = shards.size();
  for (const auto& shard : shards)
    shard->reactor.post([this, &shard = *shard] {
      for (const auto& listener : shard.listeners) listener->stop();
      shard.connections.finish([this] {
        const std::lock_guard lock(mutex);
        --busy_shards;
        changed.notify_one();
      });
    });
  await_none(options.shutdown_timeout);
  for (const auto& shard : shards) shard->reactor.post([&shard = *shard] { shard.connections.abandon(); });
  await_none(std::nullopt);
  for (const auto& shard : shards) shard->reactor.stop();
  for (const auto& shard : shards) shard->thread.join();
}

void Server::State::await_none(std::optional<std::chrono::milliseconds> timeout) {
  std::unique_lock lock(mutex);
  const auto is_none = [this] { return busy_shards == 0; };
  if (timeout)
    changed.wait_for(lock, *timeout, is_none);
  else
    changed.wait(lock, is_none);
}

ServerStatistics Server::statistics() const {
  ServerStatistics sum;
  for (const auto& shard : state_->shards) {
    const Counters& counters = shard->connections.counters();
    sum.requests_served += counters.served.get();
    sum.requests_rejected += counters.rejected.get();
    sum.requests_dropped += counters.dropped.get();
    sum.responses_defective += counters.defects.get();
    sum.connections_accepted += counters.connections.get();
    sum.connections_turned_away += counters.turned_away.get();
  }
  return sum;
}

}  // namespace gatehouse::hosting
