#include "tests/golden/runner/golden_host.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "gatehouse/authentication/jwt_bearer_handler.h"
#include "gatehouse/authentication/middleware.h"
#include "gatehouse/authorization/middleware.h"
#include "gatehouse/http/pipeline.h"
#include "gatehouse/http/routing.h"

namespace gatehouse::golden {
namespace {

using authentication::AuthenticationScheme;
using authentication::AuthenticationService;
using authentication::JwtBearerOptions;

class SettableClock final : public Clock {
 public:
  Instant now() const override { return now_; }
  Instant now_{};
};

// The back channel of a case: URL to document, and how often each was fetched. A fetch happens at once; what
// is to happen later does so behind the request of the step whose time it is, as in the original it is that
// request which starts it.
class GoldenBackchannel final : public discovery::Backchannel {
 public:
  GoldenBackchannel(Json documents, std::shared_ptr<const Clock> clock)
      : documents_(std::move(documents)), clock_(std::move(clock)) {}

  Task<Result<discovery::DocumentResponse>> fetch(discovery::DocumentRequest request) override {
    const std::string url = request.url.text();
    urls_.push_back(url);
    const std::size_t times = fetched_[url]++;
    if (!documents_.contains(url)) co_return discovery::DocumentResponse{.status = 404};
    const Json& said = documents_.at(url);
    const Json& document = said.is_array() ? said.at(std::min(times, said.size() - 1)) : said;
    if (document.is_string())
      co_return discovery::DocumentResponse{.status = 200, .body = document.get<std::string>()};
    if (!document.contains("http_status"))
      co_return discovery::DocumentResponse{.status = 200, .body = document.dump()};
    co_return discovery::DocumentResponse{.status = document.at("http_status"),
                                          .body = document.value("body", std::string())};
  }

  void post_after(std::chrono::milliseconds delay, std::move_only_function<void()> work) override {
    if (delay == delay.zero()) return work();
    timers_.emplace(clock_->now() + delay, std::move(work));
  }

  void run_timers() {
    while (!timers_.empty() && timers_.begin()->first <= clock_->now()) {
      auto work = std::move(timers_.extract(timers_.begin()).mapped());
      work();
    }
  }

  std::vector<std::string> take_urls() { return std::exchange(urls_, {}); }

 private:
  Json documents_;
  std::shared_ptr<const Clock> clock_;
  std::map<std::string, std::size_t> fetched_;
  std::vector<std::string> urls_;
  std::multimap<Instant, std::move_only_function<void()>> timers_;
};

// What the running request leaves for its observation.
struct Recorder {
  std::vector<std::string> events;
  std::optional<Error> event_failure;
  bool endpoint_reached = false;
};

std::shared_ptr<const claims::ClaimsPrincipal> make_principal(const Json& pairs, std::string_view scheme) {
  claims::ClaimsIdentity identity{.authentication_type = std::string(scheme)};
  for (const Json& pair : pairs) identity.claims.push_back({.type = pair.at(0), .value = pair.at(1)});
  return std::make_shared<const claims::ClaimsPrincipal>(std::move(identity));
}

bool says(const Json& actions, const char* name) { return actions.contains(name); }

// Actions every event knows, in the order the corpus defines.
template <class Context>
void act_on_response(const Json& actions, Context& context) {
  if (says(actions, "status")) context.http.response.status = actions.at("status");
  if (says(actions, "header"))
    context.http.response.headers.append(actions.at("header").at(0), actions.at("header").at(1));
}

void act_on_token(const Json& actions, authentication::MessageReceivedContext& context) {
  const http::Request& request = context.http.request;
  if (says(actions, "token_from_query"))
    context.token = request.query_value(actions.at("token_from_query").get<std::string>()).value_or("");
  if (says(actions, "token_from_header"))
    context.token = request.header(actions.at("token_from_header").get<std::string>()).value_or("");
  if (says(actions, "token_from_cookie"))
    context.token = request.cookie(actions.at("token_from_cookie").get<std::string>()).value_or("");
  if (says(actions, "token")) context.token = actions.at("token");
}

template <class Context>
void act_on_result(const Json& actions, Context& context) {
  if constexpr (requires { context.add_claim({}); })
    if (says(actions, "add_claim"))
      context.add_claim({.type = actions.at("add_claim").at(0), .value = actions.at("add_claim").at(1)});
  if (says(actions, "set_principal"))
    context.principal = make_principal(actions.at("set_principal"), context.scheme);
  if (says(actions, "throw")) throw std::runtime_error(actions.at("throw").get<std::string>());
  if (says(actions, "fail")) context.fail(actions.at("fail"));
  if (says(actions, "no_result")) context.no_result();
  if (!says(actions, "success")) return;
  if (actions.at("success").is_array())
    context.principal = make_principal(actions.at("success"), context.scheme);
  context.success();
}

void act_on_challenge(const Json& actions, authentication::ChallengeContext& context) {
  act_on_response(actions, context);
  const auto set = [&](const char* name, std::string& field) {
    if (says(actions, name)) field = actions.at(name).is_null() ? "" : actions.at(name).get<std::string>();
  };
  set("error", context.error);
  set("error_description", context.error_description);
  set("error_uri", context.error_uri);
  if (says(actions, "throw")) throw std::runtime_error(actions.at("throw").get<std::string>());
  if (says(actions, "handle_response")) context.handle_response();
}

void add_events(JwtBearerOptions& options, const Json& events, const std::string& prefix,
                Recorder& recorder) {
  const auto actions = [&](const char* name) {
    return events.contains(name) ? events.at(name) : Json::object();
  };
  options.events.on_message_received = [&recorder, prefix,
                                        todo = actions("OnMessageReceived")](auto& context) {
    recorder.events.push_back(prefix + "MessageReceived");
    act_on_token(todo, context);
    act_on_response(todo, context);
    act_on_result(todo, context);
  };
  options.events.on_token_validated = [&recorder, prefix, todo = actions("OnTokenValidated")](auto& context) {
    recorder.events.push_back(prefix + "TokenValidated");
    act_on_response(todo, context);
    act_on_result(todo, context);
  };
  options.events.on_authentication_failed = [&recorder, prefix,
                                             todo = actions("OnAuthenticationFailed")](auto& context) {
    recorder.events.push_back(prefix + "AuthenticationFailed");
    recorder.event_failure = context.error;
    act_on_response(todo, context);
    act_on_result(todo, context);
  };
  options.events.on_challenge = [&recorder, prefix, todo = actions("OnChallenge")](auto& context) {
    recorder.events.push_back(prefix + "Challenge");
    act_on_challenge(todo, context);
  };
  options.events.on_forbidden = [&recorder, prefix, todo = actions("OnForbidden")](auto& context) {
    recorder.events.push_back(prefix + "Forbidden");
    act_on_response(todo, context);
    if (says(todo, "throw")) throw std::runtime_error(todo.at("throw").get<std::string>());
  };
}

AuthenticationScheme make_scheme(const std::string& name, const Json& options, const std::string& prefix,
                                 const KeyRing& keys, Recorder& recorder, std::shared_ptr<const Clock> clock,
                                 const std::shared_ptr<GoldenBackchannel>& backchannel) {
  if (options.contains("forward_by_header")) {
    const Json& rule = options.at("forward_by_header");
    AuthenticationScheme scheme{.name = name};
    scheme.forwarding.forward_default_selector = [rule](const http::HttpContext& context) -> std::string {
      const auto value = context.request.header(rule.at("header").get<std::string>());
      const auto found = value ? rule.at("map").find(std::string(*value)) : rule.at("map").end();
      if (found != rule.at("map").end()) return found->get<std::string>();
      return rule.at("default").is_null() ? "" : rule.at("default").get<std::string>();
    };
    return scheme;
  }
  JwtBearerOptions read = read_options(options, keys);
  read.clock = std::move(clock);
  read.backchannel = backchannel;
  add_events(read, options.contains("events") ? options.at("events") : Json::object(), prefix, recorder);
  auto handler = authentication::JwtBearerHandler::make(name, read);
  if (!handler) throw std::runtime_error(handler.error().subject);
  return {.name = name, .forwarding = read.forwarding, .handler = *std::move(handler)};
}

std::string text_or_empty(const Json& object, const char* name) {
  return object.contains(name) && !object.at(name).is_null() ? object.at(name).get<std::string>() : "";
}

}  // namespace

struct GoldenHost::State {
  Recorder recorder;
  std::shared_ptr<SettableClock> clock = std::make_shared<SettableClock>();
  http::ServiceCollection services;
  std::optional<AuthenticationService> authentication;
  authorization::AuthorizationOptions authorization;
  http::RouteTable routes;
  std::optional<authorization::CompiledPolicies> policies;
  http::Pipeline pipeline;
  std::string probe_scheme;

  std::shared_ptr<GoldenBackchannel> backchannel;

  void add_schemes(const Json& options, const KeyRing& keys);
  void add_policies(const Json& golden_case);
  void add_endpoints(const Json& golden_case);
  void add_pipeline(const Json& options);
};

void GoldenHost::State::add_schemes(const Json& options, const KeyRing& keys) {
  backchannel = std::make_shared<GoldenBackchannel>(options.value("metadata", Json::object()), clock);
  std::vector<AuthenticationScheme> schemes;
  authentication::AuthenticationOptions defaults{
      .default_scheme = text_or_empty(options, "default_scheme"),
      .default_challenge_scheme = text_or_empty(options, "default_challenge_scheme")};
  if (options.contains("schemes")) {
    for (const auto& [name, scheme] : options.at("schemes").items())
      schemes.push_back(make_scheme(name, scheme, name + ":", keys, recorder, clock, backchannel));
  } else {
    defaults.default_scheme = "Bearer";
    schemes.push_back(make_scheme("Bearer", options, "", keys, recorder, clock, backchannel));
  }
  probe_scheme = text_or_empty(options, "probe_scheme");
  authentication.emplace(std::move(defaults), std::move(schemes));
}

void GoldenHost::State::add_policies(const Json& golden_case) {
  if (!golden_case.contains("policies")) return;
  const Json& policies_json = golden_case.at("policies");
  if (policies_json.contains("named"))
    for (const auto& [name, policy] : policies_json.at("named").items())
      authorization.add_policy(name, read_policy(policy, name));
  if (policies_json.contains("default"))
    authorization.default_policy = read_policy(policies_json.at("default"), "default");
  if (policies_json.contains("fallback"))
    authorization.fallback_policy = read_policy(policies_json.at("fallback"), "fallback");
  if (policies_json.contains("invoke_handlers_after_failure"))
    authorization.invoke_handlers_after_failure = policies_json.at("invoke_handlers_after_failure");
}

void GoldenHost::State::add_endpoints(const Json& golden_case) {
  const Json plain = {{"authorize", Json::array({Json::object()})}};
  const bool has_own = golden_case.contains("policies") && golden_case.at("policies").contains("endpoint");
  const Json said = has_own ? golden_case.at("policies").at("endpoint") : plain;
  for (const char* method : {"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"}) {
    http::Endpoint& endpoint = routes.add(method, "/t", http::make_handler([this] {
                                            recorder.endpoint_reached = true;
                                            return http::Response{.status = 200};
                                          }));
    if (said.contains("authorize"))
      for (const Json& statement : said.at("authorize")) endpoint.metadata.add(read_statement(statement));
    if (said.contains("inline"))
      for (const Json& policy : said.at("inline")) endpoint.metadata.add(read_policy(policy, "inline"));
    if (said.contains("allow_anonymous") && said.at("allow_anonymous").get<bool>())
      endpoint.metadata.add(authorization::AllowAnonymous{});
  }
  policies.emplace(authorization, routes);
}

void GoldenHost::State::add_pipeline(const Json& options) {
  const Json usual = Json::array({"authentication", "authorization"});
  pipeline.use(http::use_routing(routes));
  for (const Json& step : options.contains("pipeline") ? options.at("pipeline") : usual) {
    if (step == "authentication")
      pipeline.use(authentication::use_authentication(*authentication));
    else if (step == "authorization")
      pipeline.use(authorization::use_authorization(*policies, *authentication));
    else
      throw std::runtime_error("the corpus names an unknown middleware " + step.dump());
  }
  pipeline.use(authorization::require_decision());
  pipeline.use(http::run_endpoint);
}

GoldenHost::GoldenHost(const Json& golden_case, const KeyRing& keys) : state_(std::make_unique<State>()) {
  const Json& options = golden_case.at("options");
  state_->add_schemes(options, keys);
  state_->add_policies(golden_case);
  state_->add_endpoints(golden_case);
  state_->add_pipeline(options);
}

GoldenHost::~GoldenHost() = default;

namespace {

// The request's texts, which the views of http::Request point into.
struct OwnedRequest {
  std::string method;
  std::string path;
  std::string query;
  std::vector<std::pair<std::string, std::string>> headers;
};

OwnedRequest read_request(const Json& request) {
  const std::string target = request.at("path");
  const std::size_t mark = std::min(target.find('?'), target.size());
  OwnedRequest owned{.method = request.at("method"),
                     .path = target.substr(0, mark),
                     .query = mark < target.size() ? target.substr(mark + 1) : ""};
  for (const Json& header : request.at("headers")) owned.headers.emplace_back(header.at(0), header.at(1));
  return owned;
}

Task<std::optional<authentication::AuthenticateResult>> probe(const AuthenticationService& service,
                                                              http::HttpContext& context,
                                                              std::string scheme) {
  try {
    auto result = co_await service.authenticate(context, scheme);
    co_return result;
  } catch (const std::exception&) {  // the observation says that there is no result
  }
  co_return std::nullopt;
}

}  // namespace

Observation GoldenHost::send(const Json& request, Instant now) {
  State& state = *state_;
  state.recorder = {};
  state.clock->now_ = now;
  const OwnedRequest owned = read_request(request);
  http::Request view{.method = owned.method,
                     .path = owned.path,
                     .query = owned.query,
                     .host = "localhost",
                     .is_https = true};
  for (const auto& [name, value] : owned.headers) view.headers.add(name, value);
  http::HttpContext context(view, state.services, *state.clock);

  start(state.pipeline.run(context), [] {});
  Observation seen{.status = context.response.status, .threw = context.exception != nullptr};
  for (const std::string_view value : context.response.headers.find_all("WWW-Authenticate"))
    seen.www_authenticate.emplace_back(value);
  for (const auto& [name, value] : context.response.headers)
    if (name.starts_with("X-")) seen.x_headers.emplace_back(name, value);
  seen.endpoint_reached = state.recorder.endpoint_reached;
  seen.user = context.shared_user();
  seen.events = state.recorder.events;  // before the probe, which is no part of the request
  seen.event_failure = state.recorder.event_failure;
  seen.has_default_scheme =
      !state.probe_scheme.empty() || !state.authentication->default_authenticate_scheme().empty();
  if (!seen.threw && seen.has_default_scheme)
    if (auto probed = run_inline(probe(*state.authentication, context, state.probe_scheme)))
      seen.result = *probed;
  state.backchannel->run_timers();
  seen.metadata_fetches = state.backchannel->take_urls();
  return seen;
}

}  // namespace gatehouse::golden
