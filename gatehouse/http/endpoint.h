/// Endpoint — what a route leads to: a handler, and statements about it that middleware reads.
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

#include "gatehouse/base/task.h"
#include "gatehouse/http/http_context.h"

namespace gatehouse::http {

using Handler = std::function<Task<Response>(HttpContext&)>;

struct Endpoint {
  std::string method;
  std::string pattern;  ///< "/api/orders/{id:int}": what logs and metrics call the route
  Handler handler;
  Metadata metadata = {};
  std::size_t index = 0;  ///< position in its RouteTable, for tables computed at build()
};

namespace internal_handler {

template <class F>
Task<Response> call(F& function, HttpContext& context) {
  if constexpr (std::invocable<F&, HttpContext&>) {
    if constexpr (std::same_as<std::invoke_result_t<F&, HttpContext&>, Response>)
      co_return function(context);
    else
      co_return co_await function(context);
  } else if constexpr (std::same_as<std::invoke_result_t<F&>, Response>) {
    co_return function();
  } else {
    co_return co_await function();
  }
}

}  // namespace internal_handler

/// A Handler of any callable that takes an HttpContext& or nothing, and returns a Response or a
/// Task<Response>.
template <class F>
Handler make_handler(F function) {
  return [function = std::move(function)](HttpContext& context) mutable -> Task<Response> {
    return internal_handler::call(function, context);
  };
}

}  // namespace gatehouse::http
