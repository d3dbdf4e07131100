// Users — who may log in, and with what.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gatehouse/admin/admin_command.h"
#include "gatehouse/base/random.h"

namespace gatehouse::admin {
namespace {

using stores::SessionEnd;
using stores::User;

void write(json::Writer& writer, const User& user) {
  writer.begin_object().member("id", user.id).member("email", user.email);
  write_list(writer, "roles", user.roles);
  write_list(writer, "scopes", user.scopes);
  writer.member("disabled", user.disabled).member("has_password", !user.password_hash.empty());
  writer.end_object();
}

AdminReply reply(const User& user) {
  json::Writer writer;
  write(writer, user);
  return {.json = std::move(writer).take(), .subject = user.id};
}

// As it stands now.
Task<Result<AdminReply>> reply_again(const AdminServices& to, std::string id) {
  GH_CO_TRY(const User user, co_await find_user(to, std::move(id)));
  co_return reply(user);
}

Task<Result<AdminReply>> list_users(const AdminServices& to, AdminInput& input) {
  const std::size_t most = input.most();
  GH_CO_CHECK(input.fault());
  auto list = [&users = to.users, after = input.query("after"), most] { return users.list(after, most); };
  GH_CO_TRY(const std::vector<User> users, co_await run_blocking(to.pool, std::move(list)));
  json::Writer writer;
  writer.begin_object().name("users").begin_array();
  for (const User& user : users) write(writer, user);
  co_return AdminReply{std::move(writer.end_array().end_object()).take()};
}

Task<Result<AdminReply>> show_user(const AdminServices& to, AdminInput& input) {
  GH_CO_TRY(const User user, co_await find_user(to, input.route("who")));
  co_return reply(user);
}

// The hash of `password`, or the one that another system has made.
Task<Result<std::string>> read_hash(const AdminServices& to, AdminInput& input, User user) {
  std::string password = input.text("password");
  std::string hash = input.text("password_hash");
  GH_CO_CHECK(input.fault());
  if (password.empty() == hash.empty())
    co_return fail(Failure::malformed, "one of 'password' and 'password_hash' has to be there");
  if (!hash.empty()) {
    const auto readable = issuer::PasswordHasher().verify("", hash);
    if (!readable && readable.error().kind == Failure::malformed)
      co_return fail(Failure::malformed, "'password_hash' is no hash of a kind that can be verified");
    co_return hash;
  }
  if (to.password_rules) {
    GH_CO_CHECK(to.password_rules(password, user));
  }
  co_return co_await to.login.hash(std::move(password));
}

Task<Result<AdminReply>> add_user(const AdminServices& to, AdminInput& input) {
  User user{.id = input.text("id"),
            .email = input.text("email"),
            .password_hash = {},
            .roles = input.list("roles"),
            .scopes = input.list("scopes"),
            .disabled = input.flag("disabled")};
  GH_CO_CHECK(input.fault());
  if (user.email.find('@') == std::string::npos || user.email.size() > 320)
    co_return fail(Failure::malformed, "'email' has to be an e-mail address");
  if (user.id.find('@') != std::string::npos || user.id.size() > 128)
    co_return fail(Failure::malformed, "'id' has to be up to 128 characters without '@'");
  if (user.id.empty()) user.id = random_text(12);
  GH_CO_TRY(user.password_hash, co_await read_hash(to, input, user));
  auto add = [&users = to.users, user] { return users.add(user); };
  const auto added = co_await run_blocking(to.pool, std::move(add));
  if (!added && added.error().kind == Failure::conflict)
    co_return fail(Failure::conflict, fmt::format("there is a user '{}' already, or that id", user.email));
  GH_CO_CHECK(added);
  co_return reply(user);
}

Task<Result<AdminReply>> remove_user(const AdminServices& to, AdminInput& input) {
  GH_CO_TRY(const User user, co_await find_user(to, input.route("who")));
  GH_CO_CHECK(co_await sign_out(to, user.id, SessionEnd::user_disabled));
  auto remove = [&users = to.users, id = user.id] { return users.remove(id); };
  GH_CO_CHECK(co_await run_blocking(to.pool, std::move(remove)));
  co_return reply(user);
}

Task<Result<void>> set_disabled(const AdminServices& to, std::string id, bool disabled) {
  auto set = [&users = to.users, id = std::move(id), disabled] { return users.set_disabled(id, disabled); };
  co_return co_await run_blocking(to.pool, std::move(set));
}

Task<Result<AdminReply>> disable_user(const AdminServices& to, AdminInput& input) {
  GH_CO_TRY(const User user, co_await find_user(to, input.route("who")));
  GH_CO_CHECK(co_await set_disabled(to, user.id, true));
  GH_CO_CHECK(co_await sign_out(to, user.id, SessionEnd::user_disabled));
  co_return co_await reply_again(to, user.id);
}

Task<Result<AdminReply>> enable_user(const AdminServices& to, AdminInput& input) {
  GH_CO_TRY(const User user, co_await find_user(to, input.route("who")));
  GH_CO_CHECK(co_await set_disabled(to, user.id, false));
  co_return co_await reply_again(to, user.id);
}

Task<Result<AdminReply>> log_out_user(const AdminServices& to, AdminInput& input) {
  GH_CO_TRY(const User user, co_await find_user(to, input.route("who")));
  GH_CO_CHECK(co_await sign_out(to, user.id, SessionEnd::admin));
  co_return reply(user);
}

Task<Result<AdminReply>> set_password(const AdminServices& to, AdminInput& input) {
  GH_CO_TRY(const User user, co_await find_user(to, input.route("who")));
  GH_CO_TRY(std::string hash, co_await read_hash(to, input, user));
  auto set = [&users = to.users, id = user.id, hash] { return users.set_password_hash(id, hash); };
  GH_CO_CHECK(co_await run_blocking(to.pool, std::move(set)));
  GH_CO_CHECK(co_await sign_out(to, user.id, SessionEnd::password_change));
  co_return co_await reply_again(to, user.id);
}

std::vector<std::string> changed(std::vector<std::string> names, const std::vector<std::string>& add,
                                 const std::vector<std::string>& remove) {
  for (const std::string& name : remove) std::erase(names, name);
  for (const std::string& name : add)
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  return names;
}

template <std::vector<std::string> User::* names>
Task<Result<AdminReply>> change_names(const AdminServices& to, AdminInput& input) {
  const auto add = input.list("add");
  const auto remove = input.list("remove");
  GH_CO_CHECK(input.fault());
  GH_CO_TRY(User user, co_await find_user(to, input.route("who")));
  user.*names = changed(user.*names, add, remove);
  auto update = [&users = to.users, user] { return users.set_rights(user.id, user.roles, user.scopes); };
  GH_CO_CHECK(co_await run_blocking(to.pool, std::move(update)));
  co_return reply(user);
}

}  // namespace

Task<Result<User>> find_user(const AdminServices& to, std::string who) {
  const bool is_email = who.find('@') != std::string::npos;
  auto find = [&users = to.users, who, is_email] {
    return is_email ? users.find_by_email(who) : users.find_by_id(who);
  };
  auto found = co_await run_blocking(to.pool, std::move(find));
  if (!found && found.error().kind == Failure::not_found)
    co_return fail(Failure::not_found, fmt::format("there is no user '{}'", who));
  co_return found;
}

Task<Result<void>> sign_out(const AdminServices& to, std::string user_id, SessionEnd reason) {
  auto raise = [&users = to.users, user_id] { return users.raise_epoch(user_id); };
  GH_CO_CHECK(co_await run_blocking(to.pool, std::move(raise)));
  stores::SessionSelection which{.by = stores::SessionSelection::By::user, .value = user_id};
  GH_CO_CHECK(co_await to.server.sessions().end(std::move(which), reason));
  co_return co_await to.server.revoke(revocation::DenyKind::subject, std::move(user_id));
}

std::vector<AdminCommand> user_commands() {
  return {
      {"GET", "/users", "", list_users},
      {"POST",
       "/users",
       "user.created",
       add_user,
       {"id", "email", "password", "password_hash", "roles", "scopes", "disabled"}},
      {"GET", "/users/{who}", "", show_user},
      {"DELETE", "/users/{who}", "user.removed", remove_user},
      {"POST", "/users/{who}/disable", "user.disabled", disable_user},
      {"POST", "/users/{who}/enable", "user.enabled", enable_user},
      {"POST", "/users/{who}/logout", "user.epoch_raised", log_out_user},
      {"POST", "/users/{who}/password", "user.password_reset", set_password, {"password", "password_hash"}},
      {"POST", "/users/{who}/roles", "user.roles_changed", change_names<&User::roles>, {"add", "remove"}},
      {"POST", "/users/{who}/scopes", "user.scopes_changed", change_names<&User::scopes>, {"add", "remove"}},
  };
}

}  // namespace gatehouse::admin
