#include "gatehouse/authorization/guard.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <future>
#include <utility>

#include "gatehouse/authentication/middleware.h"
#include "gatehouse/authorization/middleware.h"
#include "gatehouse/http/pipeline.h"
#include "gatehouse/http/request_target.h"
#include "gatehouse/http/routing.h"

namespace gatehouse::authorization {
namespace {

using claims::ClaimsPrincipal;

struct Passed {};  // the mark of a request that came through the whole pipeline

// Where an endpoint would stand. What no route covers is let through when the fallback policy allowed it, or
// as a preflight, which is nobody's.
Task<void> pass(bool has_fallback, http::HttpContext& context, http::Next next) {
  const bool is_judged = context.endpoint() || has_fallback;
  if (!is_judged && !http::is_preflight(context.request)) {
    co_await next(context);
    co_return;
  }
  context.features.set<Passed>();
}

Task<http::Response> no_response(http::HttpContext&) { co_return http::Response(); }

GuardVerdict unavailable() {
  GuardVerdict verdict(503, false, nullptr);
  verdict.headers.append("Retry-After", "1");
  return verdict;
}

}  // namespace

GuardVerdict::GuardVerdict(int answer, bool is_allowed, std::shared_ptr<const ClaimsPrincipal> principal)
    : is_allowed_(is_allowed),
      principal_(principal ? std::shared_ptr(std::move(principal)) : ClaimsPrincipal::anonymous()),
      status(answer),
      user(*principal_) {}

// What all gates of one guard share.
struct Guard::State {
  std::shared_ptr<const Clock> clock;
  http::ServiceCollection services;
  authentication::AuthenticationService authentication;
  AuthorizationOptions authorization;
  std::vector<std::unique_ptr<AuthorizationHandler>> handlers;
  std::function<void(const http::HttpContext&)> observer;

  std::vector<const AuthorizationHandler*> judges() const {
    std::vector<const AuthorizationHandler*> all;
    for (const auto& handler : handlers) all.push_back(handler.get());
    return all;
  }
};

// Routes, the policies in front of them, and the pipeline that asks both.
struct Guard::Gate {
  Gate(std::shared_ptr<const State> shared, http::RouteTable table)
      : state(std::move(shared)),
        routes(std::move(table)),
        policies(state->authorization, routes, state->judges()),
        may_wait(state->authentication.may_wait() || policies.handlers().has_to_wait() ||
                 policies.on_refused().may_wait()),
        waits_when_asked(may_wait || state->authentication.may_fetch() || policies.may_ask()) {
    if (state->observer) pipeline.on_finished(state->observer);
    pipeline.use(http::use_routing(routes));
    pipeline.use(authentication::use_authentication(state->authentication));
    pipeline.use(use_authorization(policies, state->authentication));
    pipeline.use(require_decision());
    pipeline.use(
        [has_fallback = state->authorization.fallback_policy.has_value()](
            http::HttpContext& context, http::Next next) { return pass(has_fallback, context, next); });
  }

  std::shared_ptr<const State> state;
  http::RouteTable routes;
  CompiledPolicies policies;
  http::Pipeline pipeline;
  bool may_wait;          // a hook or handler may, so that check() cannot be asked
  bool waits_when_asked;  // wait() has to let it
};

// One request on its way through a gate.
class Guard::Visit {
 public:
  Visit(const Gate& gate, const GuardRequest& request)
      : request_{.method = request.method,
                 .path = {},
                 .remote_address = request.remote_address,
                 .is_https = request.is_https,
                 .headers = std::move(spare),
                 .body = request.body},
        context_(request_, gate.state->services, *gate.state->clock) {
    request_.headers.clear();
    if (request.headers)
      for (const auto& [name, value] : *request.headers) request_.headers.add(name, value);
    if (!request.authorization.empty()) request_.headers.add("Authorization", request.authorization);
    request_.host = request_.header("Host").value_or("");
    read_target(request.target);
    if (gate.state->observer) context_.trace = http::make_trace_context(request_.headers);
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  ~Visit() { spare = std::move(request_.headers); }

  bool is_readable() const noexcept { return !request_.path.empty(); }
  http::HttpContext& context() noexcept { return context_; }

  GuardVerdict verdict() {
    const bool passed = context_.features.find<Passed>() && !context_.exception;
    GuardVerdict verdict(passed ? 200 : context_.response.status, passed, context_.shared_user());
    verdict.headers = std::move(context_.response.headers);
    if (passed) return verdict;
    verdict.challenge = fmt::format("{}", fmt::join(verdict.headers.find_all("WWW-Authenticate"), ", "));
    if (auto* denial = context_.features.find<authentication::Denial>()) verdict.denial = std::move(*denial);
    return verdict;
  }

 private:
  void read_target(std::string_view text) {
    const auto target = http::split_target(request_.method, text);
    if (!target) return;
    request_.query = target->query;
    if (target->path == "*")
      request_.path = target->path;
    else if (const auto path = http::decode_path(target->path.empty() ? "/" : target->path, decoded_))
      request_.path = *path;
  }

  // The field list of the thread's last visit, so that filling it allocates nothing once it has grown.
  static thread_local http::RequestHeaders spare;

  std::string decoded_;
  http::Request request_;
  http::HttpContext context_;
};

thread_local http::RequestHeaders Guard::Visit::spare;

GuardVerdict Guard::check(const GuardRequest& request) const noexcept try {
  if (gate_->may_wait) return unavailable();
  Visit visit(*gate_, request);
  if (!visit.is_readable()) return {400, false, nullptr};
  visit.context().may_wait = false;
  start(gate_->pipeline.run(visit.context()), [] {});
  return visit.verdict();
} catch (...) {  // no memory: what could not be judged does not pass
  return {500, false, nullptr};
}

Task<GuardVerdict> Guard::check_async(GuardRequest request) const {
  const std::shared_ptr<const Gate> gate = gate_;
  Visit visit(*gate, request);
  if (!visit.is_readable()) co_return GuardVerdict(400, false, nullptr);
  co_await gate->pipeline.run(visit.context());
  co_return visit.verdict();
}

GuardVerdict Guard::wait(const GuardRequest& request) const noexcept try {
  if (!gate_->waits_when_asked) return check(request);
  std::promise<GuardVerdict> promise;
  auto judged = promise.get_future();
  start(check_async(request), [&promise](GuardVerdict&& verdict) { promise.set_value(std::move(verdict)); });
  return judged.get();
} catch (...) {
  return {500, false, nullptr};
}

RouteDecision Guard::decide(const GuardRequest& request, const ClaimsPrincipal& user) const {
  Visit visit(*gate_, request);
  if (!visit.is_readable()) return {.status = 400};
  http::HttpContext& context = visit.context();
  const auto match = gate_->routes.match(context.request.method, context.request.path, context);
  if (match == http::Match::method_not_allowed) return {.status = 405};
  const http::Endpoint* endpoint = context.endpoint();
  const CompiledPolicies::Entry& entry = gate_->policies.of(endpoint);
  const auto& policy = entry.policy.value();  // build() refuses a guard with a faulty one

  RouteDecision decided{.status = 200};
  if (endpoint) decided.route = fmt::format("{} {}", endpoint->method, endpoint->pattern);
  if (!endpoint && !policy) return {.status = 404};
  if (!policy || entry.allows_anonymous) return decided;
  decided.policy = policy;
  decided.decision = evaluate(*policy, user, gate_->policies.handlers());
  if (!decided.decision.is_allowed())
    decided.status = decided.decision.outcome == Outcome::challenge ? 401 : 403;
  return decided;
}

Result<Guard> Guard::requiring(const AuthorizeData& authorize) const {
  http::RouteTable everything;
  everything.add("*", "/{*path}", no_response).metadata.add(authorize);
  auto gate = std::make_shared<const Gate>(gate_->state, std::move(everything));
  if (const auto& policy = gate->policies.of(gate->routes.endpoints().front().get()).policy; !policy)
    return std::unexpected(policy.error());
  return Guard(std::move(gate));
}

bool Guard::may_wait() const noexcept { return gate_->may_wait; }

authentication::Authorities Guard::authorities() const { return gate_->state->authentication.authorities(); }

std::vector<std::string> Guard::policies() const { return gate_->state->authorization.names(); }

struct GuardBuilder::Routes {
  http::RouteTable table;
};

GuardBuilder::GuardBuilder()
    : routes_(std::make_unique<Routes>()), clock_(std::make_shared<const SystemClock>()) {}
GuardBuilder::GuardBuilder(GuardBuilder&&) noexcept = default;
GuardBuilder::~GuardBuilder() = default;

EndpointBuilder GuardBuilder::protect(std::string method, std::string pattern) {
  return EndpointBuilder(routes_->table.add(std::move(method), std::move(pattern), no_response).metadata);
}

Result<Guard> GuardBuilder::build() {
  std::vector<std::string> faults;
  const auto note = [&](const Result<void>& checked) {
    if (!checked) faults.push_back(checked.error().subject);
  };
  std::vector<authentication::AuthenticationBuilder::Fault> schemes;
  const authentication::Surroundings host{.clock = clock_,
                                          .backchannel = backchannel_,
                                          .on_configuration_event = on_configuration_event_,
                                          .is_development = is_development_};
  authentication::AuthenticationService authentication = authentication_.build(host, schemes);
  for (const auto& [where, error] : schemes) faults.push_back(fmt::format("{}: {}", where, error.subject));
  note(authentication.check());
  if (authentication.schemes().empty())
    faults.emplace_back("there is no scheme to ask; call add_authentication(\"Bearer\").add_jwt_bearer(…)");
  note(authorization_.check());
  note(routes_->table.check());

  auto state = std::make_shared<const Guard::State>(Guard::State{.clock = std::move(clock_),
                                                                 .services = {},
                                                                 .authentication = std::move(authentication),
                                                                 .authorization = std::move(authorization_),
                                                                 .handlers = std::move(handlers_),
                                                                 .observer = std::move(observer_)});
  auto gate = std::make_shared<const Guard::Gate>(std::move(state), std::move(routes_->table));
  for (std::string& fault : gate->policies.faults()) faults.push_back(std::move(fault));
  if (!faults.empty())
    return fail(Failure::configuration_invalid, fmt::format("{}", fmt::join(faults, "\n")));
  return Guard(std::move(gate));
}

}  // namespace gatehouse::authorization
