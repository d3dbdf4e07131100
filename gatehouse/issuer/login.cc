#include "gatehouse/issuer/login.h"

#include <stdexcept>
#include <utility>

#include "gatehouse/base/random.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/issuer/password_hash.h"

namespace gatehouse::issuer {

LoginService::LoginService(stores::UserStore& users, Options options)
    : users_(users),
      nobody_hash_(hash_password(random_text()).value()),
      pool_("login", options.threads, options.queue_limit) {}

Task<Result<stores::User>> LoginService::login(std::string email, std::string password) {
  auto job = [this, email = std::move(email), password = std::move(password)]() mutable {
    auto user = check(email, password);
    wipe(password);
    return user;
  };
  auto checked = co_await run_blocking(pool_, std::move(job));
  if (!checked) co_return std::unexpected(std::move(checked).error());
  co_return *std::move(checked);
}

Result<stores::User> LoginService::check(const std::string& email, const std::string& password) {
  auto user = users_.find_by_email(email);
  if (!user && user.error().kind != Failure::not_found) return user;
  const bool matches = verify_password(password, user ? user->password_hash : nobody_hash_);
  if (!user || !matches || user->disabled) return fail(Failure::credentials_invalid);
  if (!needs_rehash(user->password_hash)) return user;
  // Better parameters reach every user at their next login. The login stands also when the store cannot take
  // the hash.
  if (auto hash = hash_password(password); hash && users_.set_password_hash(user->id, *hash))
    user->password_hash = *hash;
  return user;
}

}  // namespace gatehouse::issuer
