#include "gatehouse/base/signal.h"

#include <utility>

#include "gatehouse/base/executor.h"

namespace gatehouse {

struct Signal::Waiting {
  std::coroutine_handle<> caller;
  Executor* home = nullptr;

  // By whoever took it off the list.
  void go_on() const { resume_on(home, caller); }
};

class Signal::Wait {
 public:
  Wait(Signal& signal, std::uint64_t seen, std::chrono::milliseconds most, const PostAfter& post_after)
      : signal_(signal), seen_(seen), most_(most), post_after_(post_after) {}

  bool await_ready() const noexcept { return false; }

  bool await_suspend(std::coroutine_handle<> caller) {
    auto waiting = std::make_shared<Waiting>(Waiting{.caller = caller, .home = Executor::current()});
    // Once it is on the list the caller may be running already, and this object gone.
    const std::shared_ptr<Signal> signal = signal_.shared_from_this();
    const PostAfter& post_after = post_after_;
    const auto most = most_;
    {
      const std::scoped_lock lock(signal->mutex_);
      if (signal->count_ > seen_) return false;
      signal->waiting_.push_back(waiting);
    }
    post_after(most, [weak = std::weak_ptr(signal), waiting] {
      const auto alive = weak.lock();
      if (!alive) return;
      {
        const std::scoped_lock lock(alive->mutex_);
        if (std::erase(alive->waiting_, waiting) == 0) return;
      }
      waiting->go_on();
    });
    return true;
  }

  void await_resume() const noexcept {}

 private:
  Signal& signal_;
  std::uint64_t seen_;
  std::chrono::milliseconds most_;
  const PostAfter& post_after_;
};

std::uint64_t Signal::count() const {
  const std::scoped_lock lock(mutex_);
  return count_;
}

Task<bool> Signal::wait(std::uint64_t seen, std::chrono::milliseconds most, const PostAfter& post_after) {
  const std::shared_ptr<Signal> self = shared_from_this();
  Wait wait(*self, seen, most, post_after);
  co_await wait;
  const std::uint64_t given = self->count();
  co_return given > seen;
}

void Signal::give() {
  std::vector<std::shared_ptr<Waiting>> waiting;
  {
    const std::scoped_lock lock(mutex_);
    ++count_;
    waiting.swap(waiting_);
  }
  for (const auto& one : waiting) one->go_on();
}

std::size_t Signal::waiting() const {
  const std::scoped_lock lock(mutex_);
  return waiting_.size();
}

}  // namespace gatehouse
