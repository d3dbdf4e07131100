/// Executor — where a waiting task goes on: the reactor that runs the current thread.
#pragma once

#include <coroutine>
#include <functional>

namespace gatehouse {

class Executor {
 public:
  virtual ~Executor() = default;

  /// Runs `work` later on this executor's thread. Callable from any thread.
  virtual void post(std::move_only_function<void()> work) = 0;

  /// The executor of this thread; null outside a reactor.
  static Executor* current() noexcept;

  /// Makes `executor` the current one of this thread until the scope ends.
  class Scope {
   public:
    explicit Scope(Executor& executor) noexcept;
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope();

   private:
    Executor* previous_;
  };
};

/// Goes on with `caller` on `home`, later; here and now when there is none, as for a caller outside a
/// reactor.
void resume_on(Executor* home, std::coroutine_handle<> caller);

}  // namespace gatehouse
