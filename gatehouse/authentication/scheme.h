/// Authentication schemes — named ways to learn who is asking, and which one is asked when nobody says.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/authentication/authenticate_result.h"
#include "gatehouse/authentication/event.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"
#include "gatehouse/http/http_context.h"

namespace gatehouse::discovery {
class ConfigurationManager;
}

namespace gatehouse::authentication {

using Authorities = std::vector<std::shared_ptr<discovery::ConfigurationManager>>;

/// One scheme's behaviour. Shared by all requests, so it holds no state of any; what it returns is memoised a
/// request.
class AuthenticationHandler {
 public:
  virtual ~AuthenticationHandler() = default;

  /// Who is asking, by this scheme. May throw only what a hook of the application threw.
  virtual Task<AuthenticateResult> authenticate(http::HttpContext& context) = 0;

  /// Writes the 401. `result` is this scheme's own result of this request.
  virtual Task<void> challenge(http::HttpContext& context, const AuthenticateResult& result) = 0;

  /// Writes the 403.
  virtual Task<void> forbid(http::HttpContext& context) = 0;

  /// Whether a task above may suspend. A host that cannot wait asks before it starts one.
  virtual bool may_wait() const noexcept { return true; }

  /// Whether it asks others for keys, and waits for them where the request may wait.
  virtual bool may_fetch() const noexcept { return false; }

  /// Those that it was told at the start to ask for keys.
  virtual Authorities authorities() const { return {}; }
};

/// Lets a scheme leave an operation to another one, by name. Empty: it does it itself.
struct SchemeForwarding {
  std::string forward_default = {};
  std::string forward_authenticate = {};
  std::string forward_challenge = {};
  std::string forward_forbid = {};
  std::function<std::string(const http::HttpContext&)> forward_default_selector =
      {};  ///< wins over forward_default
};

struct AuthenticationScheme {
  std::string name;
  SchemeForwarding forwarding = {};
  std::unique_ptr<AuthenticationHandler> handler = {};  ///< null for a scheme that only forwards
};

/// Somebody was authenticated; the application may add to what is known about them.
struct ClaimsTransformationContext {
  http::HttpContext& http;
  std::string_view scheme;
  std::shared_ptr<const claims::ClaimsPrincipal>
      principal;  ///< shared and immutable; put another in its place

  /// Adds a claim to the first identity, in a copy.
  void add_claim(claims::Claim claim);
};

struct AuthenticationOptions {
  std::string default_scheme = {};  ///< for every operation that has no default of its own
  std::string default_authenticate_scheme = {};
  std::string default_challenge_scheme = {};
  std::string default_forbid_scheme = {};

  /// Runs once a request and scheme, after a success, for whatever asks the scheme. A hook that throws fails
  /// the request.
  Event<ClaimsTransformationContext> claims_transformation = {};
};

/// The schemes of an application, frozen at build(). With exactly one scheme, that one is the default.
class AuthenticationService {
 public:
  AuthenticationService(AuthenticationOptions options, std::vector<AuthenticationScheme> schemes);

  /// Fails with configuration_invalid, the subject naming the default or the forward that no scheme answers
  /// to.
  Result<void> check() const;

  /// Asks `scheme` (empty: the default), at most once a request. Throws std::logic_error for a scheme nobody
  /// added.
  Task<AuthenticateResult> authenticate(http::HttpContext& context, std::string_view scheme) const;

  /// Has every scheme of this request answer that `user` is asking, without being asked: for tests, and for
  /// hosts whose connection has authenticated already.
  void assume(http::HttpContext& context, const std::shared_ptr<const claims::ClaimsPrincipal>& user) const;

  Task<void> challenge(http::HttpContext& context, std::string_view scheme) const;
  /// The same for a caller whom the scheme accepted, and whom somebody refused afterwards.
  Task<void> challenge_refused(http::HttpContext& context, std::string_view scheme, Error failure) const;
  Task<void> forbid(http::HttpContext& context, std::string_view scheme) const;

  bool may_wait() const noexcept;   ///< any handler or the claims transformation may
  bool may_fetch() const noexcept;  ///< any handler may

  bool has_scheme(std::string_view name) const noexcept { return find(name) != nullptr; }
  std::string_view default_authenticate_scheme() const noexcept;  ///< empty: there is none

  /// Of every scheme, in order: for health, and for an operator who wants keys fetched now
  /// (ConfigurationManager::refresh).
  Authorities authorities() const;
  const std::vector<AuthenticationScheme>& schemes() const noexcept { return schemes_; }

 private:
  using Forward = std::string SchemeForwarding::*;

  const AuthenticationScheme* find(std::string_view name) const noexcept;
  const AuthenticationScheme& resolve(const http::HttpContext& context, std::string_view name,
                                      Forward forward) const;
  std::string_view default_for(const std::string& own) const noexcept;
  Task<AuthenticateResult> authenticate_once(http::HttpContext& context,
                                             const AuthenticationScheme& scheme) const;

  AuthenticationOptions options_;
  std::vector<AuthenticationScheme> schemes_;
};

}  // namespace gatehouse::authentication
