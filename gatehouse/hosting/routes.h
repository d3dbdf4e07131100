/// Routes — how an application says what it answers, and who may ask.
///
///     RouteGroup orders = app.map_group("/api/orders").require_authorization("CanReadOrders");
///     orders.map_get("/", list_orders);
///     orders.map_post("/", create_order).require_authorization("AdminOnly");
///
/// What a group demands holds for everything in it, whenever it was said; what an endpoint demands comes on
/// top.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/authorization/endpoint_builder.h"
#include "gatehouse/http/endpoint.h"
#include "gatehouse/http/routing.h"

namespace gatehouse::hosting {

using authorization::AuthorizationConventions;
using authorization::EndpointBuilder;

class Routes;

class RouteGroup : public AuthorizationConventions<RouteGroup> {
 public:
  RouteGroup(Routes& routes, const RouteGroup* parent, std::string_view prefix);

  template <class F>
  EndpointBuilder map_get(std::string_view pattern, F handler) {
    return map("GET", pattern, http::make_handler(std::move(handler)));
  }
  template <class F>
  EndpointBuilder map_post(std::string_view pattern, F handler) {
    return map("POST", pattern, http::make_handler(std::move(handler)));
  }
  template <class F>
  EndpointBuilder map_put(std::string_view pattern, F handler) {
    return map("PUT", pattern, http::make_handler(std::move(handler)));
  }
  template <class F>
  EndpointBuilder map_patch(std::string_view pattern, F handler) {
    return map("PATCH", pattern, http::make_handler(std::move(handler)));
  }
  template <class F>
  EndpointBuilder map_delete(std::string_view pattern, F handler) {
    return map("DELETE", pattern, http::make_handler(std::move(handler)));
  }
  EndpointBuilder map(std::string method, std::string_view pattern, http::Handler handler);

  RouteGroup map_group(std::string_view prefix) { return RouteGroup(*routes_, this, prefix); }

  http::Metadata& metadata() noexcept;

 private:
  Routes* routes_;
  std::string prefix_;
  std::vector<std::size_t> chain_;  // indexes of the groups around, outermost first, this one last
};

/// Everything mapped so far; becomes a RouteTable when the application starts.
class Routes {
 public:
  Routes() = default;
  Routes(const Routes&) = delete;
  Routes& operator=(const Routes&) = delete;

  RouteGroup root() { return RouteGroup(*this, nullptr, ""); }

  /// Adds every route to `table`, with what its groups demand before what it demands itself.
  void add_to(http::RouteTable& table);

 private:
  friend class RouteGroup;
  struct Draft {
    std::string method;
    std::string pattern;
    http::Handler handler;
    http::Metadata metadata;
    std::vector<std::size_t> groups;
  };
  std::deque<Draft> drafts_;  // a deque: builders point into it
  std::deque<http::Metadata> groups_;
};

}  // namespace gatehouse::hosting
