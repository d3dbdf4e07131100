#include "gatehouse/stores/memory_external_login_store.h"

#include <algorithm>

namespace gatehouse::stores {

Task<Result<ExternalLogin>> MemoryExternalLoginStore::find(std::string issuer, std::string subject) {
  const std::lock_guard lock(mutex_);
  const auto found = logins_.find(std::pair(issuer, subject));
  if (found == logins_.end()) co_return fail(Failure::not_found, "external login");
  co_return found->second;
}

Task<Result<void>> MemoryExternalLoginStore::add(ExternalLogin login) {
  const std::lock_guard lock(mutex_);
  const bool has_another = std::ranges::any_of(logins_, [&](const auto& known) {
    return known.second.user_id == login.user_id && known.second.issuer == login.issuer;
  });
  if (has_another) co_return fail(Failure::conflict, "external login");
  const std::pair key(login.issuer, login.subject);
  if (!logins_.try_emplace(key, std::move(login)).second) co_return fail(Failure::conflict, "external login");
  co_return Result<void>();
}

Task<Result<void>> MemoryExternalLoginStore::remove(std::string issuer, std::string subject) {
  const std::lock_guard lock(mutex_);
  if (logins_.erase(std::pair(issuer, subject)) == 0) co_return fail(Failure::not_found, "external login");
  co_return Result<void>();
}

Task<Result<std::vector<ExternalLogin>>> MemoryExternalLoginStore::list(std::string user_id) {
  const std::lock_guard lock(mutex_);
  std::vector<ExternalLogin> logins;
  for (const auto& [key, login] : logins_)
    if (login.user_id == user_id) logins.push_back(login);
  co_return logins;
}

}  // namespace gatehouse::stores
