/// Result — a value, or the Error that stands in its place.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "gatehouse/base/error.h"

namespace gatehouse {

template <class T>
using Result = std::expected<T, Error>;

/// Leaves the current function with a failure: `return fail(Failure::expired, when);`
inline std::unexpected<Error> fail(Failure kind, std::string subject = {}) {
  return std::unexpected(Error{.kind = kind, .subject = std::move(subject)});
}

}  // namespace gatehouse

/// GH_TRY(auto x, f());   binds the value of f(), or returns its Error.
/// GH_CHECK(g());         the same for a Result<void>.
/// In a coroutine:        GH_CO_TRY(auto x, co_await f(y));   GH_CO_CHECK(co_await g(y));
#define GH_TRY(declaration, expression) GH_TRY_(return, GH_NAME_(__COUNTER__), declaration, expression)
#define GH_CO_TRY(declaration, expression) GH_TRY_(co_return, GH_NAME_(__COUNTER__), declaration, expression)
#define GH_CHECK(expression) \
  if (auto gh_checked = (expression); !gh_checked) return std::unexpected(std::move(gh_checked).error())
#define GH_CO_CHECK(expression) GH_CHECK_(co_return, GH_NAME_(__COUNTER__), expression)
#define GH_NAME_(n) GH_NAME__(n)
#define GH_NAME__(n) gh_result_##n
#define GH_CHECK_(leave, name, expression) \
  auto name = (expression);                \
  if (!name) leave std::unexpected(std::move(name).error())
#define GH_TRY_(leave, name, declaration, expression) \
  GH_CHECK_(leave, name, expression);                 \
  declaration = *std::move(name)
