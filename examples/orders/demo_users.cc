#include "demo_users.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "gatehouse/base/random.h"
#include "gatehouse/hosting/development_secrets.h"
#include "gatehouse/issuer/password_hash.h"

namespace orders {
namespace {

using namespace gatehouse;

struct Demo {
  const char* email;
  std::vector<std::string> roles;
  std::vector<std::string> scopes;
};

void add_demo_users(UserStore& users) {
  const std::array demos = {Demo{"admin@example.com", {"Admin"}, {"orders.read", "orders.write"}},
                            Demo{"customer@example.com", {"Customer"}, {"orders.read"}}};
  fmt::print("Two users were made; their passwords are shown this once:\n");
  for (const auto& [email, roles, scopes] : demos) {
    const std::string password = random_text(15);
    const auto hash = issuer::hash_password(password);
    const auto added = users.add({.id = random_text(),
                                  .email = email,
                                  .password_hash = hash.value(),
                                  .roles = roles,
                                  .scopes = scopes});
    if (added)
      fmt::print("  {:<22} {}   role {}, scope {}\n", email, password, roles.front(),
                 scopes.size() == 2 ? "orders.read orders.write" : "orders.read");
  }
  fmt::print("\n");
}

Result<std::string> database_path(WebApplicationBuilder& builder) {
  std::string path = builder.configuration["Orders:Database"];
  if (!path.empty()) return path;
  if (!builder.environment.is_development())
    return fail(Failure::configuration_invalid,
                "'Orders:Database' is missing; name the SQLite file of the users, as environment "
                "Orders__Database or as "
                "argument --Orders:Database");
  GH_TRY(const std::string folder, hosting::development_state_directory("orders"));
  return folder + "/users.db";
}

}  // namespace

UserStore& open_users(WebApplicationBuilder& builder) {
  const auto path = database_path(builder);
  auto opened = path ? stores::open_sqlite_user_store(*path) : std::unexpected(path.error());
  if (!opened) builder.faults.add("", opened.error().subject);
  // A start that has faults stops in build(); until then it needs a store to go on with.
  auto& owner = builder.services.add_singleton<std::unique_ptr<UserStore>>(
      opened ? *std::move(opened) : stores::make_memory_user_store());
  UserStore& users = *owner;
  if (builder.environment.is_development() && builder.faults.empty() && users.count() == std::size_t{0})
    add_demo_users(users);
  return users;
}

Task<void> RefuseDisabledUsers::operator()(TokenValidatedContext& context) const {
  std::string id(context.token.claims.subject().value_or(""));
  auto look_up = [users = users_, id = std::move(id)] { return users->find_by_id(id); };
  const auto found = co_await run_blocking(*pool_, std::move(look_up));
  const bool is_gone = !found && found.error().kind == Failure::not_found;
  if (!found && !is_gone) throw std::runtime_error("users cannot be looked up: " + describe(found.error()));
  if (is_gone || found->disabled) context.fail("the user is disabled or gone");
}

}  // namespace orders
