// Flows of attacks/metadata: an application, the authority that it has its keys from, and what becomes of
// tokens while keys come and go.

#include <fmt/format.h>

#include <map>

#include "gatehouse/hosting/web_application.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/testing/test_server.h"
#include "tests/support/fake_backchannel.h"
#include "tests/vectors/runner/asking.h"
#include "tests/vectors/runner/cases.h"

namespace gatehouse::vectors {
namespace {

using jose::Algorithm;
using jose::Key;

const std::string issuer = "https://issuer.gatehouse.example";

class KeyLife {
 public:
  KeyLife() {
    hosting::WebApplicationBuilder builder("corpus");
    builder.use_clock(clock_);
    builder.use_log_sink([](diagnostics::Level, std::string_view) {});
    builder.services.add_authentication("Bearer").add_jwt_bearer([&](auto& options) {
      options.authority = issuer;
      options.audience = "api://orders";
      options.backchannel = backchannel_;
    });
    builder.services.add_authorization();
    app_.emplace(builder.build());
    app_->use_authentication();
    app_->use_authorization();
    app_->map_get("/", [] { return http::results::ok("{}"); }).require_authorization();
    server_.emplace(*app_);
  }

  void run(const Json& step, Differences& differences) {
    if (step.contains("publish")) return publish(step.at("publish"));
    if (step.contains("wait_s")) return backchannel_->advance(Seconds(step.at("wait_s").get<int>()));
    if (step.contains("concurrent")) return judge_herd(step.at("concurrent"), differences);
    if (step.contains("origin")) {
      backchannel_->is_down = step.at("origin") == "down";
      if (backchannel_->documents.empty()) publish({"k1"});
      return backchannel_->advance(Seconds(5));  // the longest pause before it is tried again
    }
    const int status = answer(step.at("token"));
    if (!allows(step.at("expect"), status))
      differences.push_back(fmt::format("answered {} to {}", status, step.at("token").dump()));
  }

 private:
  // "k1", or {"kid":"k","kty":"RSA"}: one key of a name and a kind, the same each time.
  const Key& key(const Json& said) {
    const std::string kid = said.is_string() ? said : said.at("kid"),
                      kind = said.is_string() ? "RSA" : said.at("kty");
    const auto algorithm = kind == "oct" ? Algorithm::HS256 : Algorithm::RS256;
    return keys_.try_emplace(kid + ' ' + kind, Key::generate(algorithm, kid).value()).first->second;
  }

  void publish(const Json& which) {
    Json set = {{"keys", Json::array()}};
    for (const Json& one : which) {
      const Key& published = key(one);
      const std::string jwk(published.type() == jose::KeyType::oct ? published.private_jwk().reveal()
                                                                   : published.public_jwk());
      set.at("keys").push_back(Json::parse(jwk));
    }
    backchannel_->publish(issuer, set.dump());
    // The application asks when it is first asked itself: here with a token that nobody looks for keys for.
    (void)answer("nobody", Seconds(-3600));
  }

  int answer(const Json& signer, Seconds lifetime = Seconds(600)) {
    const Key& by = key(signer);
    const auto algorithm = by.type() == jose::KeyType::oct ? Algorithm::HS256 : Algorithm::RS256;
    const std::string claims = fmt::format(R"({{"iss":"{}","aud":"api://orders","sub":"alice","exp":{}}})",
                                           issuer, to_unix_seconds(clock_->now() + lifetime));
    return server_->get("/", jose::sign_compact(claims, by, algorithm).value()).status;
  }

  // Everybody who asks while there are no keys waits for one fetch: a document and a set.
  void judge_herd(int callers, Differences& differences) {
    publish({"k1"});
    Asking asking({.authority = issuer}, backchannel_, clock_);
    backchannel_->fetched.clear();
    backchannel_->holds = true;
    int served = 0;
    for (int i = 0; i < callers; ++i)
      start(asking.manager().wait_for_keys(clock_->now(), true),
            [&](discovery::Lookup found) { served += found == discovery::Lookup::changed ? 1 : 0; });
    while (backchannel_->held() > 0) backchannel_->release();
    if (served != callers) differences.push_back(fmt::format("{} were served", served));
    if (backchannel_->fetched.size() != 2)
      differences.push_back(fmt::format("{} documents were fetched", backchannel_->fetched.size()));
  }

  std::shared_ptr<testing::FakeClock> clock_ = std::make_shared<testing::FakeClock>();
  std::shared_ptr<test_support::FakeBackchannel> backchannel_ =
      std::make_shared<test_support::FakeBackchannel>(*clock_);
  std::map<std::string, Key> keys_;
  std::optional<hosting::WebApplication> app_;
  std::optional<testing::TestServer> server_;
};

// What the steps of a flow leave to its `result`, in words there.
Json steps_after(const std::string& id) {
  if (id.ends_with("/flow-kid-moves-key-type"))
    return Json::parse(R"([{"wait_s": 50000}, {"token": {"kid": "k", "kty": "oct"}, "expect": 401},
                           {"token": {"kid": "k", "kty": "RSA"}, "expect": 200}])");
  if (id.ends_with("/flow-rollback"))
    return Json::parse(
        R"([{"wait_s": 50000}, {"token": "k2", "expect": 401}, {"token": "k1", "expect": 200}])");
  return Json::array();
}

}  // namespace

Differences judge_key_life(const Json& attack) {
  KeyLife life;
  Differences differences;
  for (const Json& step : attack.at("input").at("steps")) life.run(step, differences);
  for (const Json& step : steps_after(attack.at("id"))) life.run(step, differences);
  return differences;
}

}  // namespace gatehouse::vectors
