/// ServiceBuilder — `builder.services`: what the application is made of, said before it is built.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "gatehouse/authorization/security_builder.h"
#include "gatehouse/hosting/routes.h"
#include "gatehouse/http/services.h"

namespace gatehouse::hosting {

class ServiceBuilder : public authorization::SecurityBuilder {
 public:
  /// A class with `void map(RouteGroup& routes)`; WebApplication::map_controllers() calls it.
  template <class Controller, class... Arguments>
  void add_controllers(Arguments&&... arguments) {
    auto controller = std::make_shared<Controller>(std::forward<Arguments>(arguments)...);
    controllers_.push_back([controller](RouteGroup& routes) { controller->map(routes); });
  }

  template <class T, class... Arguments>
  T& add_singleton(Arguments&&... arguments) {
    return singletons_->add_singleton<T>(std::forward<Arguments>(arguments)...);
  }

 private:
  friend class WebApplicationBuilder;

  std::vector<std::function<void(RouteGroup&)>> controllers_;
  std::unique_ptr<http::ServiceCollection> singletons_ = std::make_unique<http::ServiceCollection>();
};

}  // namespace gatehouse::hosting
