#include "gatehouse/hosting/backchannel.h"

#include <coroutine>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "gatehouse/base/executor.h"
#include "gatehouse/hosting/reactor.h"

namespace gatehouse::hosting {

class Backchannel::State {
 public:
  explicit State(const Clock& clock);
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() = default;

  Result<void> open(HttpClientOptions options);
  void close();
  Task<Result<HttpClientResponse>> send(HttpClientRequest request);
  void post_after(std::chrono::milliseconds delay, std::move_only_function<void()> work);

 private:
  class Timer;

  // Goes on on the backchannel's thread; false, here and at once, when that has ended.
  class Enter {
   public:
    explicit Enter(State& state) noexcept : state_(state) {}
    bool await_ready() const noexcept { return Executor::current() == &state_.reactor_; }
    bool await_suspend(std::coroutine_handle<> caller) {
      if (state_.post([caller] { caller.resume(); })) return true;  // this object may be gone
      is_inside_ = false;
      return false;
    }
    bool await_resume() const noexcept { return is_inside_; }

   private:
    State& state_;
    bool is_inside_ = true;
  };

  struct GoTo {
    Executor* home;
    bool await_ready() const noexcept { return !home || Executor::current() == home; }
    void await_suspend(std::coroutine_handle<> stray) const {
      home->post([stray] { stray.resume(); });
    }
    void await_resume() const noexcept {}
  };

  bool post(std::move_only_function<void()> work);  // false, and `work` is not run, when it is too late

  Reactor reactor_;
  std::unique_ptr<HttpClient> client_;          // on the thread only; null at the end
  std::vector<std::unique_ptr<Timer>> timers_;  // on the thread only
  std::mutex mutex_;
  bool is_stopping_ = false;
  std::thread thread_;
};

class Backchannel::State::Timer final : public Deadline {
 public:
  Timer(State& state, std::chrono::milliseconds delay, std::move_only_function<void()> work)
      : state_(state), work_(std::move(work)) {
    state.reactor_.arm(*this, delay);
  }

 private:
  void on_deadline() override {
    auto work = std::move(work_);
    std::erase_if(state_.timers_, [this](const auto& one) { return one.get() == this; });
    work();
  }

  State& state_;
  std::move_only_function<void()> work_;
};

Backchannel::State::State(const Clock& clock) : reactor_(clock) {}

Result<void> Backchannel::State::open(HttpClientOptions options) {
  GH_TRY(client_, HttpClient::make(reactor_, std::move(options)));
  return {};
}

// Whatever was posted before runs before the client ends, so that nobody is left waiting.
void Backchannel::State::close() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  if (!thread_.joinable()) return;
  reactor_.post([this] {
    client_.reset();
    timers_.clear();
    reactor_.stop();
  });
  thread_.join();
}

bool Backchannel::State::post(std::move_only_function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (is_stopping_) return false;
  if (!thread_.joinable()) thread_ = std::thread([this] { reactor_.run(); });
  reactor_.post(std::move(work));
  return true;
}

Task<Result<HttpClientResponse>> Backchannel::State::send(HttpClientRequest request) {
  const GoTo home{Executor::current()};
  Enter enter(*this);
  const bool is_inside = co_await enter;
  if (!is_inside || !client_) co_return fail(Failure::unavailable, "the backchannel was closed");
  auto response = co_await client_->send(std::move(request));
  co_await home;
  co_return response;
}

void Backchannel::State::post_after(std::chrono::milliseconds delay, std::move_only_function<void()> work) {
  post([this, delay, held = std::move(work)]() mutable {
    timers_.push_back(std::make_unique<Timer>(*this, delay, std::move(held)));
  });
}

Result<std::unique_ptr<Backchannel>> Backchannel::make(const Clock& clock, HttpClientOptions options) {
  auto state = std::make_shared<State>(clock);
  GH_CHECK(state->open(std::move(options)));
  return std::unique_ptr<Backchannel>(new Backchannel(std::move(state)));
}

Backchannel::Backchannel(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}
Backchannel::~Backchannel() { state_->close(); }

Task<Result<HttpClientResponse>> Backchannel::send(HttpClientRequest request) {
  return state_->send(std::move(request));
}

void Backchannel::post_after(std::chrono::milliseconds delay, std::move_only_function<void()> work) {
  state_->post_after(delay, std::move(work));
}

class Backchannel::Lent final : public discovery::Backchannel {
 public:
  explicit Lent(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

  Task<Result<discovery::DocumentResponse>> fetch(discovery::DocumentRequest request) override {
    HttpClientRequest sent{.url = std::move(request.url),
                           .headers = {{"Accept", "application/json"}},
                           .body = std::move(request.form),
                           .public_addresses_only = request.public_addresses_only,
                           .deadline = request.timeout};
    if (!sent.body.empty()) sent.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    if (!request.authorization.empty())
      sent.headers.emplace_back("Authorization", std::move(request.authorization));
    if (!request.etag.empty()) sent.headers.emplace_back("If-None-Match", std::move(request.etag));
    auto response = co_await state_->send(std::move(sent));
    if (!response) co_return std::unexpected(std::move(response).error());
    const auto value_of = [&](std::string_view name) {
      return std::string(response->headers.find(name).value_or(""));
    };
    co_return discovery::DocumentResponse{.status = response->status,
                                          .body = std::move(response->body),
                                          .etag = value_of("ETag"),
                                          .cache_control = value_of("Cache-Control")};
  }

  void post_after(std::chrono::milliseconds delay, std::move_only_function<void()> work) override {
    state_->post_after(delay, std::move(work));
  }

 private:
  std::shared_ptr<State> state_;
};

std::shared_ptr<discovery::Backchannel> Backchannel::lend() const { return std::make_shared<Lent>(state_); }

}  // namespace gatehouse::hosting
