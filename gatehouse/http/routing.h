/// Routing — from method and path to an endpoint, in time that does not grow with the number of routes.
///
/// A pattern is made of segments: text, `{name}` (one segment, not empty), `{name:int}` (decimal, fits 64
/// bits, no sign or leading zero but "0") or, at its end, `{*name}` (whatever is left, also nothing). Text
/// wins over `{name:int}`, which wins over `{name}`, which wins over `{*name}`. Paths compare without regard
/// to ASCII case, as the original's do; one trailing '/' is ignored. The method "*" stands for all that the
/// same pattern does not name.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"
#include "gatehouse/http/endpoint.h"
#include "gatehouse/http/pipeline.h"

namespace gatehouse::http {

enum class Match : std::uint8_t { found, not_found, method_not_allowed };

class RouteTable {
 public:
  RouteTable();
  ~RouteTable();
  RouteTable(RouteTable&&) noexcept;

  /// Adds a route; the endpoint stays where it is for the life of the table. A bad pattern or a route that is
  /// there already shows in check(), so that all of them can be reported at once.
  Endpoint& add(std::string method, std::string pattern, Handler handler);

  /// Fails with configuration_invalid naming the first faulty pattern and why.
  Result<void> check() const;

  /// Sets context.endpoint() and context.route. On method_not_allowed, `allow` of the answer is in
  /// allowed_methods().
  Match match(std::string_view method, std::string_view path, HttpContext& context) const;
  std::string allowed_methods(std::string_view path) const;

  const std::vector<std::unique_ptr<Endpoint>>& endpoints() const noexcept { return endpoints_; }

 private:
  struct Node;
  std::unique_ptr<Node> root_;
  std::vector<std::unique_ptr<Endpoint>> endpoints_;
  std::vector<Error> faults_;
};

/// The middleware that routes: sets the endpoint and goes on; a path known under other methods gets 405 with
/// Allow unless something later answers. `table` must outlive the pipeline.
Middleware use_routing(const RouteTable& table);

}  // namespace gatehouse::http
