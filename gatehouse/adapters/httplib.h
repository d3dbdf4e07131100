/// HttplibGuard — a guard in front of cpp-httplib's handlers.
///
///     gatehouse::HttplibGuard guard(gatehouse::Configuration::load("appsettings.json"));
///     server.Get("/orders", guard.require("CanReadOrders", [](const auto& request, auto& response,
///                                                             const gatehouse::ClaimsPrincipal& user) { …
///                                                             }));
///
/// The server's types are template parameters: this header includes none of it, and fits each of its
/// versions.
#pragma once

#include <source_location>
#include <string>
#include <string_view>
#include <utility>

#include "gatehouse/adapters/settings_guard.h"

namespace gatehouse {

class HttplibGuard {
 public:
  explicit HttplibGuard(Guard guard) : guard_(std::move(guard)) {}

  /// make_guard(settings). Throws ConfigurationError.
  explicit HttplibGuard(const Configuration& settings);

  /// A handler for Server::Get, Post and so on that is reached by whom `policy` lets in; who that is comes as
  /// its third argument. Everybody else gets the verdict's status and headers, and no body. A hook that waits
  /// holds the server's thread meanwhile. Throws ConfigurationError for a policy that nobody defined, naming
  /// the line that asked for it.
  template <class Handler>
  auto require(std::string_view policy, Handler handler,
               std::source_location asked = std::source_location::current()) const {
    return behind(demanding(policy, asked), std::move(handler));
  }

  /// The same, by what the guard's routes say of the request's target.
  template <class Handler>
  auto protect(Handler handler) const {
    return behind(guard_, std::move(handler));
  }

  const Guard& guard() const noexcept { return guard_; }

 private:
  template <class Handler>
  static auto behind(Guard guard, Handler handler) {
    return [guard = std::move(guard), handler = std::move(handler)](const auto& request, auto& response) {
      http::RequestHeaders headers;
      for (const auto& [name, value] : request.headers) headers.add(name, value);
      const Verdict verdict = guard.wait({.method = request.method,
                                          .target = request.target,
                                          .headers = &headers,
                                          .body = request.body,
                                          .remote_address = request.remote_addr});
      for (const auto& [name, value] : verdict.headers) response.set_header(name.c_str(), value);
      if (verdict.allowed())
        handler(request, response, verdict.user);
      else
        response.status = verdict.status;
    };
  }

  Guard demanding(std::string_view policy, const std::source_location& asked) const;

  Guard guard_;
  std::string settings_file_;  // of the policies, for messages
};

}  // namespace gatehouse
