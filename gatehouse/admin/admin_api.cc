#include "gatehouse/admin/admin_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include "gatehouse/admin/admin_command.h"

namespace gatehouse::admin {
namespace {

constexpr std::size_t most_at_once = 1000;
constexpr std::size_t usually_at_once = 100;

http::Response refuse(const Error& error) {
  const std::string detail = error.subject.empty() ? describe(error) : error.subject;
  json::Writer writer;
  writer.begin_object().member("code", code(error.kind)).member("detail", detail).end_object();
  return http::results::json(std::move(writer).take(), http::results::problem(error).status);
}

// Of what an operator did the log has both: that it was done, and that it was refused.
Task<void> record(const AdminServices& to, const AdminCommand& command, std::string actor,
                  const Result<AdminReply>& reply, std::string asked) {
  if (reply && !reply->subject.empty()) asked = reply->subject;
  stores::AuditEvent event{.event = command.event,
                           .actor = std::move(actor),
                           .subject = std::move(asked),
                           .reason = reply ? "" : std::string(code(reply.error().kind))};
  co_await to.server.record(std::move(event));
}

Task<Result<AdminReply>> carry_out(const AdminServices& to, const AdminCommand& command, AdminInput& input) {
  GH_CO_CHECK(input.read(command.members));
  co_return co_await command.run(to, input);
}

Task<http::Response> answer(const AdminServices& to, const AdminCommand& command,
                            http::HttpContext& context) {
  std::string actor(context.request.remote_address);
  if (std::ranges::find(to.operators, actor) == to.operators.end())
    co_return refuse(Error{Failure::forbidden, fmt::format("{} is no operator of this issuer", actor)});
  AdminInput input(context);
  auto reply = co_await carry_out(to, command, input);
  if (*command.event) {
    std::string asked;
    for (const char* name : {"who", "id", "sid", "kid"}) asked += context.route.get(name);
    co_await record(to, command, std::move(actor), reply, std::move(asked));
  }
  if (!reply) co_return refuse(reply.error());
  auto response = http::results::ok(std::move(reply->json));
  response.headers.set("Cache-Control", "no-store");
  co_return response;
}

}  // namespace

Result<void> AdminInput::read(std::span<const std::string_view> members) {
  const std::string_view body = context_.request.body;
  GH_TRY(const json::Value root, parser_.parse(body.empty() ? "{}" : body));
  if (!root.is_object()) return fail(Failure::malformed, "the body has to be a JSON object");
  for (auto at = root.begin(); at != root.end(); ++at)
    if (std::ranges::find(members, at.name()) == members.end())
      return fail(Failure::malformed,
                  fmt::format("'{}' is none of: {}", at.name(), fmt::join(members, ", ")));
  members_.emplace(root);
  return {};
}

Result<void> AdminInput::fault() const {
  if (members_->fault()) return fail(Failure::malformed, *members_->fault());
  return {};
}

std::uint64_t AdminInput::number(std::string_view name) {
  const std::string text = query(name);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!text.empty() && (error != std::errc() || end != text.data() + text.size()))
    members_->refuse(name, "a number");
  return value;
}

std::size_t AdminInput::most() {
  const std::uint64_t asked = number("most");
  return asked == 0 ? usually_at_once : std::min<std::uint64_t>(asked, most_at_once);
}

void write_list(json::Writer& writer, std::string_view name, std::span<const std::string> values) {
  writer.name(name).begin_array();
  for (const std::string& value : values) writer.value(value);
  writer.end_array();
}

std::vector<http::Endpoint> AdminApi::endpoints() {
  std::vector<http::Endpoint> endpoints;
  for (auto* commands :
       {user_commands, client_commands, session_commands, key_commands, token_commands, record_commands}) {
    for (AdminCommand& command : commands()) {
      const std::string method = command.method;
      const std::string pattern = command.pattern;
      auto shared = std::make_shared<const AdminCommand>(std::move(command));
      endpoints.push_back(
          {.method = method, .pattern = pattern, .handler = [this, shared](http::HttpContext& context) {
             return answer(services_, *shared, context);
           }});
    }
  }
  return endpoints;
}

}  // namespace gatehouse::admin
