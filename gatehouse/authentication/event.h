/// Event — a hook of the application: a plain function of its context, or a coroutine when it has to wait.
#pragma once

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

#include "gatehouse/base/task.h"

namespace gatehouse::authentication {

/// Empty: does nothing and costs one test. A hook may throw; the handler decides what that means.
template <class Context>
class Event {
 public:
  Event() = default;

  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, Event> && std::invocable<F&, Context&>)
  Event(F hook) {  // NOLINT(google-explicit-constructor): assigned from a lambda
    if constexpr (std::is_void_v<std::invoke_result_t<F&, Context&>>)
      now_ = std::move(hook);
    else
      later_ = std::move(hook);
  }

  Task<void> operator()(Context& context) const {
    if (now_) now_(context);
    if (later_) co_await later_(context);
  }

  explicit operator bool() const noexcept { return now_ || later_; }
  bool may_wait() const noexcept { return static_cast<bool>(later_); }  ///< the hook is a coroutine

 private:
  std::function<void(Context&)> now_;
  std::function<Task<void>(Context&)> later_;
};

}  // namespace gatehouse::authentication
