#include "gatehouse/hosting/routes.h"

namespace gatehouse::hosting {
namespace {

// "/api/orders" + "/" is "/api/orders"; slashes at the seam never double.
std::string join(std::string_view prefix, std::string_view pattern) {
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  while (pattern.starts_with('/')) pattern.remove_prefix(1);
  std::string joined(prefix);
  if (!pattern.empty()) (joined += '/') += pattern;
  if (!joined.starts_with('/')) joined.insert(0, 1, '/');
  return joined;
}

}  // namespace

RouteGroup::RouteGroup(Routes& routes, const RouteGroup* parent, std::string_view prefix)
    : routes_(&routes), prefix_(join(parent ? parent->prefix_ : "", prefix)) {
  if (parent) chain_ = parent->chain_;
  chain_.push_back(routes.groups_.size());
  routes.groups_.emplace_back();
}

EndpointBuilder RouteGroup::map(std::string method, std::string_view pattern, http::Handler handler) {
  routes_->drafts_.push_back({.method = std::move(method),
                              .pattern = join(prefix_, pattern),
                              .handler = std::move(handler),
                              .metadata = {},
                              .groups = chain_});
  return EndpointBuilder(routes_->drafts_.back().metadata);
}

http::Metadata& RouteGroup::metadata() noexcept { return routes_->groups_[chain_.back()]; }

void Routes::add_to(http::RouteTable& table) {
  for (Draft& draft : drafts_) {
    http::Endpoint& endpoint = table.add(draft.method, draft.pattern, std::move(draft.handler));
    for (const std::size_t group : draft.groups) endpoint.metadata.add_all(groups_[group]);
    endpoint.metadata.add_all(draft.metadata);
  }
  drafts_.clear();
}

}  // namespace gatehouse::hosting
