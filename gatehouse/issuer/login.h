/// LoginService — who somebody is, by e-mail and password.
///
/// Wrong password, unknown e-mail and disabled user are one answer and cost the same, so that nobody learns
/// who has an account (OWASP ASVS 2.2). Hashing runs on a bounded pool; when its queue is full, callers are
/// told to come back.
#pragma once

#include <cstddef>
#include <string>

#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"
#include "gatehouse/base/worker_pool.h"
#include "gatehouse/stores/user_store.h"

namespace gatehouse::issuer {

class LoginService {
 public:
  struct Options {
    std::size_t threads = 2;        ///< each hash holds 19 MiB while it runs
    std::size_t queue_limit = 100;  ///< about 1.5 s of work at 15 ms a hash and one free core
  };

  /// `users` must outlive the service. Makes one hash, to compare with where there is no user.
  explicit LoginService(stores::UserStore& users) : LoginService(users, Options{}) {}
  LoginService(stores::UserStore& users, Options options);

  /// The user. Fails with credentials_invalid, overloaded, or unavailable when the store does not answer.
  Task<Result<stores::User>> login(std::string email, std::string password);

 private:
  Result<stores::User> check(const std::string& email, const std::string& password);

  stores::UserStore& users_;
  std::string nobody_hash_;
  WorkerPool pool_;
};

}  // namespace gatehouse::issuer
