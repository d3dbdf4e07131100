#include "gatehouse/issuer/first_party_clients.h"

#include <fmt/format.h>

#include "gatehouse/issuer/account_http.h"
#include "gatehouse/issuer/cross_origin.h"
#include "gatehouse/issuer/login_http.h"
#include "gatehouse/issuer/scope.h"

namespace gatehouse::issuer {
namespace {

// A page says where it is from; what is no page does not.
bool is_from_elsewhere(const stores::Client& client, const http::Request& request) {
  const auto origin = request.header("Origin");
  if (!origin || has_name(client.origins, *origin)) return false;
  return *origin != fmt::format("{}://{}", request.is_https ? "https" : "http", request.host);
}

}  // namespace

Task<std::expected<stores::Client, http::Response>> FirstPartyClients::find(std::string id,
                                                                            const http::Request& request) {
  if (id.empty()) id = otherwise_;
  if (const auto admitted = throttle_.admit(request, id); !admitted)
    co_return std::unexpected(never_cached(login_refusal(admitted.error())));
  auto client = co_await clients_.find(std::move(id));
  if (!client && client.error().kind != Failure::not_found)
    co_return std::unexpected(account_problem(client.error()));
  if (!client || client->is_disabled || !client->is_first_party || is_from_elsewhere(*client, request))
    co_return std::unexpected(account_unauthorized());
  co_return *std::move(client);
}

Task<void> FirstPartyClients::note(http::HttpContext& context, std::string id) {
  const auto client = co_await clients_.find(std::move(id));
  if (client) note_client(context, *client);
}

}  // namespace gatehouse::issuer
