/// EndpointBuilder — what is demanded of who calls an endpoint, said where the endpoint is mapped.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gatehouse/authorization/policy.h"
#include "gatehouse/http/features.h"

namespace gatehouse::authorization {

/// The demands that an endpoint and a group share; each call adds one that has to be met as well.
template <class Self>
class AuthorizationConventions {
  AuthorizationConventions() = default;
  friend Self;

 public:
  Self& require_authorization() { return add(AuthorizeData{}); }  ///< the default policy
  Self& require_authorization(std::string policy) { return add(AuthorizeData{.policy = std::move(policy)}); }
  Self& require_authorization(const char* policy) { return require_authorization(std::string(policy)); }
  Self& require_authorization(AuthorizeData statement) { return add(std::move(statement)); }
  Self& require_authorization(AuthorizationPolicy policy) { return add(std::move(policy)); }
  Self& require_authorization(const PolicyBuilder::Configure& configure) {
    PolicyBuilder builder;
    configure(builder);
    return add(builder.build());
  }
  Self& require_role(std::string role) { return add(AuthorizeData{.roles = std::vector{std::move(role)}}); }
  Self& require_scope(std::string scope) {
    return add(PolicyBuilder().require_scope(std::move(scope)).build());
  }
  Self& require_claim(std::string type, std::string value) {
    return add(PolicyBuilder().require_claim(std::move(type), std::move(value)).build());
  }
  /// The caller's token was not withdrawn before its time: else 401; 503 where `when_stale` says so. On top
  /// of what else is said, and of the fallback or default policy where nothing is.
  Self& require_not_revoked(WhenStale when_stale = WhenStale::deny,
                            Seconds max_staleness = NotRevoked().max_staleness) {
    return add(NotRevoked{.when_stale = when_stale, .max_staleness = max_staleness});
  }
  Self& allow_anonymous() { return add(AllowAnonymous{}); }

  template <class T>
  Self& with_metadata(T item) {
    return add(std::move(item));
  }

 private:
  template <class T>
  Self& add(T item) {
    Self& self = static_cast<Self&>(*this);
    self.metadata().add(std::move(item));
    return self;
  }
};

class EndpointBuilder : public AuthorizationConventions<EndpointBuilder> {
 public:
  explicit EndpointBuilder(http::Metadata& metadata) : metadata_(&metadata) {}
  http::Metadata& metadata() noexcept { return *metadata_; }

 private:
  http::Metadata* metadata_;
};

}  // namespace gatehouse::authorization
