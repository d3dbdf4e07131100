/// Pipeline — middleware in the order it was added, around the endpoint.
///
/// Each middleware does its part before `co_await next(context)`, after it, or instead of it. It is an onion:
///
///     use(a); use(b);      request → a → b → endpoint
///                          answer  ← a ← b ←
#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "gatehouse/base/task.h"
#include "gatehouse/http/http_context.h"

namespace gatehouse::http {

class Pipeline;

/// The rest of the pipeline. Call it at most once.
class Next {
 public:
  Next(const Pipeline& pipeline, std::size_t position) : pipeline_(&pipeline), position_(position) {}
  Task<void> operator()(HttpContext& context) const;

 private:
  const Pipeline* pipeline_;
  std::size_t position_;
};

using Middleware = std::function<Task<void>(HttpContext&, Next)>;

class Pipeline {
 public:
  void use(Middleware middleware) { middleware_.push_back(std::move(middleware)); }

  /// Called with every request once its answer is settled, an exception included: where a line is logged.
  /// Must not throw.
  void on_finished(std::function<void(const HttpContext&)> observer) { observer_ = std::move(observer); }

  /// Runs everything; 404 when nobody answered. The stack's one `catch (...)` is here: an exception becomes
  /// `context.exception` and an empty 500.
  Task<void> run(HttpContext& context) const;

 private:
  friend class Next;
  std::vector<Middleware> middleware_;
  std::function<void(const HttpContext&)> observer_;
};

/// Runs `context.endpoint()` and lays its Response over `context.response`: the endpoint's status and body,
/// headers of both. 404 without an endpoint. Add it last.
Task<void> run_endpoint(HttpContext& context, Next next);

}  // namespace gatehouse::http
