#include <algorithm>
#include <mutex>

#include "gatehouse/base/ascii.h"
#include "gatehouse/stores/user_store.h"

namespace gatehouse::stores {
namespace {

class MemoryUserStore final : public UserStore {
 public:
  Result<User> find_by_email(std::string_view email) override {
    return find([&](const User& user) { return equals_ignoring_case(user.email, email); });
  }

  Result<User> find_by_id(std::string_view id) override {
    return find([&](const User& user) { return user.id == id; });
  }

  Result<void> add(const User& user) override {
    const std::lock_guard lock(mutex_);
    for (const User& other : users_)
      if (other.id == user.id || equals_ignoring_case(other.email, user.email))
        return fail(Failure::conflict, "user");
    users_.push_back(user);
    return {};
  }

  Result<void> set_disabled(std::string_view id, bool disabled) override {
    return change(id, [&](User& user) { user.disabled = disabled; });
  }

  Result<void> set_password_hash(std::string_view id, std::string_view password_hash) override {
    return change(id, [&](User& user) { user.password_hash = password_hash; });
  }

  Result<void> raise_epoch(std::string_view id) override {
    return change(id, [](User& user) { ++user.epoch; });
  }

  Result<void> set_rights(std::string_view id, const std::vector<std::string>& roles,
                          const std::vector<std::string>& scopes) override {
    return change(id, [&](User& user) {
      user.roles = roles;
      user.scopes = scopes;
    });
  }

  Result<void> remove(std::string_view id) override {
    const std::lock_guard lock(mutex_);
    const auto removed = std::erase_if(users_, [&](const User& user) { return user.id == id; });
    return removed == 1 ? Result<void>() : fail(Failure::not_found, "user");
  }

  Result<void> replace_password_hash(std::string_view id, std::string_view expected,
                                     std::string_view password_hash) override {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(users_, id, &User::id);
    if (found == users_.end() || found->password_hash != expected) return fail(Failure::conflict, "user");
    found->password_hash = password_hash;
    return {};
  }

  Result<std::vector<User>> list(std::string_view after, std::size_t most) override {
    const std::lock_guard lock(mutex_);
    std::vector<User> found;
    for (const User& user : users_)
      if (user.id > after) found.push_back(user);
    std::ranges::sort(found, {}, &User::id);
    if (found.size() > most) found.resize(most);
    return found;
  }

  Result<std::size_t> count() override {
    const std::lock_guard lock(mutex_);
    return users_.size();
  }

 private:
  template <class Predicate>
  Result<User> find(const Predicate& is_wanted) {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find_if(users_, is_wanted);
    return found == users_.end() ? Result<User>(fail(Failure::not_found, "user")) : *found;
  }

  template <class Change>
  Result<void> change(std::string_view id, const Change& change_user) {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(users_, id, &User::id);
    if (found == users_.end()) return fail(Failure::not_found, "user");
    change_user(*found);
    return {};
  }

  std::mutex mutex_;
  std::vector<User> users_;
};

}  // namespace

std::unique_ptr<UserStore> make_memory_user_store() { return std::make_unique<MemoryUserStore>(); }

}  // namespace gatehouse::stores
