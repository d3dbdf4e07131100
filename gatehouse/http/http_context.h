/// HttpContext — one request on its way through the pipeline, and the answer that is taking shape.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/claims/claims_principal.h"
#include "gatehouse/http/features.h"
#include "gatehouse/http/request.h"
#include "gatehouse/http/response.h"
#include "gatehouse/http/services.h"
#include "gatehouse/http/trace_context.h"

namespace gatehouse::http {

struct Endpoint;

/// Values of `{name}` in the route's pattern: views into the request's path.
class RouteValues {
 public:
  void clear() noexcept { values_.clear(); }
  void add(std::string_view name, std::string_view value) { values_.push_back({name, value}); }
  void resize(std::size_t count) { values_.resize(count); }
  std::size_t size() const noexcept { return values_.size(); }
  std::string_view get(std::string_view name) const noexcept;  ///< empty when there is none
  std::int64_t get_int(
      std::string_view name) const noexcept;  ///< of an `:int` value, which has matched already

 private:
  struct Value {
    std::string_view name;
    std::string_view value;
  };
  std::vector<Value> values_;
};

class HttpContext {
 public:
  HttpContext(const Request& from, const ServiceCollection& services, const Clock& clock)
      : request(from), services_(services), clock_(clock) {}
  HttpContext(const HttpContext&) = delete;
  HttpContext& operator=(const HttpContext&) = delete;

  const Request& request;
  Response response;  ///< status and headers so far; an endpoint's returned Response is laid over it
  Features features;
  RouteValues route;
  TraceContext trace;
  bool may_wait =
      true;  ///< false where a host cannot: what would have to wait for another machine answers 503
  std::exception_ptr exception;  ///< what left the pipeline and became a 500, if anything did

  const Endpoint* endpoint() const noexcept { return endpoint_; }
  void set_endpoint(const Endpoint* endpoint) noexcept { endpoint_ = endpoint; }

  /// Who asks. Never null; anonymous until authentication says otherwise.
  const claims::ClaimsPrincipal& user() const noexcept { return *shared_user(); }
  const std::shared_ptr<const claims::ClaimsPrincipal>& shared_user() const noexcept {
    return user_ ? user_ : claims::ClaimsPrincipal::anonymous();
  }
  void set_user(std::shared_ptr<const claims::ClaimsPrincipal> user) noexcept { user_ = std::move(user); }

  template <class T>
  T& service() const {
    return services_.get<T>();
  }
  const ServiceCollection& services() const noexcept { return services_; }

  Instant now() const { return clock_.now(); }

 private:
  const ServiceCollection& services_;
  const Clock& clock_;
  const Endpoint* endpoint_ = nullptr;
  std::shared_ptr<const claims::ClaimsPrincipal>
      user_;  // null is anonymous: reactors do not contend for its count
};

}  // namespace gatehouse::http
