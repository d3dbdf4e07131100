#include "gatehouse/issuer/client_catalog.h"

#include <algorithm>

namespace gatehouse::issuer {
namespace {

constexpr Seconds lifetime{5};

void tidy(std::vector<std::string>& names) {
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
}

ClientCatalog::Contents contents_of(const std::vector<stores::Client>& clients) {
  ClientCatalog::Contents all;
  for (const stores::Client& client : clients) {
    if (client.is_disabled) continue;
    all.origins.insert(all.origins.end(), client.origins.begin(), client.origins.end());
    for (const std::string& scope : client.scopes)
      if (!scope.starts_with("gatehouse.")) all.scopes.push_back(scope);
  }
  tidy(all.origins);
  tidy(all.scopes);
  return all;
}

}  // namespace

Task<std::shared_ptr<const ClientCatalog::Contents>> ClientCatalog::read() {
  const Instant now = clock_.now();
  {
    const std::lock_guard lock(mutex_);
    if (now < until_) co_return known_;
    until_ = now + lifetime;  // whoever comes meanwhile has the one before
  }
  const auto clients = co_await clients_.list();
  const std::lock_guard lock(mutex_);
  if (clients) known_ = std::make_shared<const Contents>(contents_of(*clients));
  co_return known_;
}

}  // namespace gatehouse::issuer
