/// Admin command — one thing that an operator may have done; private to this room.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/admin/admin_api.h"
#include "gatehouse/base/json_members.h"
#include "gatehouse/http/http_context.h"

namespace gatehouse::admin {

/// What came with a request: its body, its query and the values of its route. read() comes first, and fault()
/// after whatever was read: the first member that is not what it has to be.
class AdminInput {
 public:
  explicit AdminInput(http::HttpContext& context) : context_(context) {}

  /// Fails with malformed: no JSON object, or a member that is not among `members`.
  Result<void> read(std::span<const std::string_view> members);

  std::string route(std::string_view name) const { return std::string(context_.route.get(name)); }
  std::string query(std::string_view name) const { return context_.request.query_value(name).value_or(""); }
  std::string_view body() const noexcept { return context_.request.body; }

  std::string text(std::string_view name) { return members_->text(name); }
  std::vector<std::string> list(std::string_view name) { return members_->list(name); }
  bool flag(std::string_view name) { return members_->flag(name); }
  std::optional<Seconds> seconds(std::string_view name) { return members_->seconds(name); }

  /// `most` of the query: 1 to 1,000, and 100 when it is absent.
  std::size_t most();
  std::uint64_t number(std::string_view name);  ///< of the query; 0 when it is absent

  Result<void> fault() const;

 private:
  http::HttpContext& context_;
  json::Parser parser_;
  std::optional<json::MemberReader> members_;  // once read() has succeeded
};

/// What is answered, and whom or what it was done to.
struct AdminReply {
  std::string json;
  std::string subject = {};
};

struct AdminCommand {
  const char* method;
  const char* pattern;
  const char* event;  ///< of the audit log; empty: it changes nothing
  Task<Result<AdminReply>> (*run)(const AdminServices& to, AdminInput& input);
  std::vector<std::string_view> members = {};  ///< that its body may have
};

std::vector<AdminCommand> user_commands();
std::vector<AdminCommand> client_commands();
std::vector<AdminCommand> session_commands();
std::vector<AdminCommand> key_commands();
std::vector<AdminCommand> token_commands();
std::vector<AdminCommand> record_commands();

/// The user of an id, or of an e-mail. not_found, the subject saying who was looked for.
Task<Result<stores::User>> find_user(const AdminServices& to, std::string who);

/// Every session of the user, and every token that they have, come to an end.
Task<Result<void>> sign_out(const AdminServices& to, std::string user_id, stores::SessionEnd reason);

/// Every session of a client's users, and every token of the client.
Task<Result<void>> end_client(const AdminServices& to, std::string id, stores::SessionEnd reason);

void write_list(json::Writer& writer, std::string_view name, std::span<const std::string> values);

}  // namespace gatehouse::admin
