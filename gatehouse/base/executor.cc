#include "gatehouse/base/executor.h"

#include <utility>

namespace gatehouse {
namespace {

thread_local Executor* current_executor = nullptr;

}  // namespace

Executor* Executor::current() noexcept { return current_executor; }

Executor::Scope::Scope(Executor& executor) noexcept : previous_(std::exchange(current_executor, &executor)) {}

Executor::Scope::~Scope() { current_executor = previous_; }

void resume_on(Executor* home, std::coroutine_handle<> caller) {
  if (home)
    home->post([caller] { caller.resume(); });
  else
    caller.resume();
}

}  // namespace gatehouse
