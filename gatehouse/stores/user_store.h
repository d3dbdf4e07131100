/// UserStore — who may log in.
///
/// Calls block: they belong on a WorkerPool, never on a reactor. Thread-safe. Every implementation passes
/// user_store_test.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/result.h"

namespace gatehouse::stores {

struct User {
  std::string id;             ///< opaque and stable: the `sub` of the user's tokens
  std::string email;          ///< what the user logs in with; unique without regard to ASCII case
  std::string password_hash;  ///< a PHC string; never a password
  std::vector<std::string> roles;
  std::vector<std::string> scopes;
  bool disabled = false;
  std::uint32_t epoch = 0;  ///< raised when everything that was given to the user before is to end
  bool operator==(const User&) const = default;
};

/// Every call fails with unavailable when the store does not answer.
class UserStore {
 public:
  virtual ~UserStore() = default;

  virtual Result<User> find_by_email(std::string_view email) = 0;  ///< not_found
  virtual Result<User> find_by_id(std::string_view id) = 0;        ///< not_found
  virtual Result<void> add(const User& user) = 0;  ///< conflict: the id or the e-mail is taken
  virtual Result<void> set_disabled(std::string_view id, bool disabled) = 0;  ///< not_found
  virtual Result<void> set_password_hash(std::string_view id,
                                         std::string_view password_hash) = 0;  ///< not_found
  virtual Result<void> raise_epoch(std::string_view id) = 0;                   ///< not_found
  virtual Result<void> set_rights(std::string_view id, const std::vector<std::string>& roles,
                                  const std::vector<std::string>& scopes) = 0;  ///< not_found
  virtual Result<void> remove(std::string_view id) = 0;                         ///< not_found
  /// Sets the hash if it is still `expected`, in one step. Fails with conflict when it is not, or there is no
  /// such user.
  virtual Result<void> replace_password_hash(std::string_view id, std::string_view expected,
                                             std::string_view password_hash) = 0;
  /// The first `most` users whose id comes after `after`, by id; from the start when it is empty.
  virtual Result<std::vector<User>> list(std::string_view after, std::size_t most) = 0;
  virtual Result<std::size_t> count() = 0;
};

/// In memory, gone with the process: for tests and demonstrations.
std::unique_ptr<UserStore> make_memory_user_store();

/// In one SQLite file, made with its schema when it is not there (WAL, every commit on disk before it is
/// acknowledged). Fails with unavailable naming the path and what SQLite said, or conflict when the file is
/// from a newer release.
Result<std::unique_ptr<UserStore>> open_sqlite_user_store(const std::string& path);

}  // namespace gatehouse::stores
