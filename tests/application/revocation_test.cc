// An application whose endpoints ask whether a token was withdrawn: the demanded way, and that of a hook.
#include "gatehouse/base/base64url.h"
#include "tests/application/application_fixture.h"
#include "tests/support/fake_backchannel.h"

namespace gatehouse {
namespace {

using ::testing::HasSubstr;

class RevocationTest : public ApplicationTest {
 protected:
  RevocationTest() { builder.use_backchannel(backchannel); }

  void revoke(DenyKind kind, std::string value) {
    const auto entry = revocation::make_deny_entry(kind, issuer.issuer(), std::move(value), clock->now());
    ASSERT_TRUE(list->add(entry, clock->now()));
  }

  // One endpoint that asks, and one that does not.
  void serve_payments(WhenStale when_stale = WhenStale::deny) {
    add_bearer();
    builder.services.add_authorization([this](AuthorizationOptions& options) {
      options.revocation_check = DenyListCheck::make(list).value();
    });
    serve([&](WebApplication& on) {
      on.map_get("/orders", [] { return results::ok(); }).require_authorization();
      on.map_post("/payments", [] { return results::ok(); })
          .require_authorization()
          .require_not_revoked(when_stale);
      on.map_health();
    });
  }

  std::string token() const { return issuer.token().claim("sid", "s-1").claim("client_id", "app").str(); }

  static std::string id_of(const std::string& token) {
    const std::size_t begin = token.find('.') + 1;
    const auto payload = base64url::decode(token.substr(begin, token.rfind('.') - begin)).value();
    return std::string(tokens::ClaimSet::parse(payload, {})->id().value());
  }

  std::shared_ptr<test_support::FakeBackchannel> backchannel =
      std::make_shared<test_support::FakeBackchannel>(*clock);
  std::shared_ptr<DenyList> list = std::make_shared<DenyList>();
};

class EachKind : public RevocationTest,
                 public ::testing::WithParamInterface<std::pair<DenyKind, const char*>> {};

TEST_P(EachKind, IsRefusedWhereItIsDemandedAndThereAlone) {
  const auto [kind, value] = GetParam();
  ASSERT_TRUE(list->heard(issuer.issuer(), Instant::max()));
  serve_payments();
  const std::string presented = token();
  EXPECT_EQ(server->post("/payments", presented).status, 200);
  revoke(kind, kind == DenyKind::key     ? issuer.key().kid()
               : kind == DenyKind::token ? id_of(presented)
                                         : value);
  const auto answer = server->post("/payments", presented);
  EXPECT_EQ(answer.status, 401) << "also for a token that was seen before";
  EXPECT_THAT(answer.challenge(), HasSubstr("invalid_token"));
  EXPECT_EQ(server->get("/orders", presented).status, 200);
}

INSTANTIATE_TEST_SUITE_P(Revocation, EachKind,
                         ::testing::Values(std::pair(DenyKind::token, ""),
                                           std::pair(DenyKind::session, "s-1"),
                                           std::pair(DenyKind::subject, "user-1"),
                                           std::pair(DenyKind::client, "app"), std::pair(DenyKind::key, "")),
                         [](const auto& test) { return std::string(name(test.param.first)); });

TEST_F(RevocationTest, IsOneLineOfTheLogWithoutAnySecret) {
  ASSERT_TRUE(list->heard(issuer.issuer(), Instant::max()));
  serve_payments();
  revoke(DenyKind::session, "s-1");
  const std::string presented = token();
  log.clear();
  server->post("/payments", presented);
  ASSERT_EQ(log.size(), 1u);
  EXPECT_THAT(log[0], HasSubstr(R"("code":"revoked","actual":"by sid")"));
  EXPECT_EQ(log[0].find(presented.substr(presented.size() / 2)), std::string::npos);
}

TEST_F(RevocationTest, FollowsAFeed) {
  const std::string feed = issuer.issuer() + "/feeds/deny";
  serve_payments();
  const std::string presented = token();
  const auto answer = server->post("/payments", presented);
  EXPECT_EQ(answer.status, 503) << "nobody was heard yet";
  EXPECT_EQ(answer.header("Retry-After"), "1");

  const auto say = [&](const std::string& question, const std::string& numbers, const std::string& entries) {
    backchannel->documents[feed + question] = {
        .status = 200, .body = R"({"epoch":"e",)" + numbers + R"(,"expired":0,"entries":[)" + entries + "]}"};
  };
  const auto session = [](int seq, const std::string& sid) {
    return R"({"seq":)" + std::to_string(seq) + R"(,"entry":{"kind":"sid","value":")" + sid +
           R"(","until":1900000000}})";
  };
  say("/snapshot?after=0", R"("head":1,"after":0,"through":1)", session(1, "other"));
  say("?after=1&wait=3&epoch=e", R"("head":1,"after":1,"through":1)", "");
  say("?after=2&wait=3&epoch=e", R"("head":2,"after":2,"through":2)", "");
  app->follow_deny_feed(list, {.issuer = issuer.issuer()});
  EXPECT_EQ(server->post("/payments", presented).status, 200);
  say("?after=1&wait=3&epoch=e", R"("head":2,"after":1,"through":2)", session(2, "s-1"));
  backchannel->advance(Seconds(1));
  EXPECT_EQ(server->post("/payments", presented).status, 401);
  EXPECT_EQ(server->get("/orders", presented).status, 200);
  EXPECT_EQ(count_logged("deny_feed_"), 0u);

  backchannel->is_down = true;
  backchannel->advance(Seconds(60));
  EXPECT_EQ(count_logged("deny_feed_failed"), 1u);
  EXPECT_EQ(server->post("/payments", presented).status, 401) << "what is known stays known";
  EXPECT_EQ(server->post("/payments", issuer.token()).status, 503);
  EXPECT_THAT(server->get("/readyz").body,
              HasSubstr(R"("deny_feeds":[{"issuer":"https://issuer.test","status":"degraded")"));
  EXPECT_EQ(server->get("/readyz").status, 200);
}

TEST_F(RevocationTest, AFeedOverHttpStopsTheStart) {
  builder.environment = configuration::Environment("Production");
  serve_payments();
  EXPECT_THROW(app->follow_deny_feed(list, {.issuer = "http://issuer.test", .require_https = false}),
               ConfigurationError);
}

// The way of those who come from ASP.NET Core: a hook, which holds for every endpoint of the scheme.
TEST_F(RevocationTest, AHookMayAskTheListItself) {
  add_bearer([this](JwtBearerOptions& options) {
    options.events.on_token_validated = [this](TokenValidatedContext& context) {
      const Instant now = context.http.now();
      if (list->find(revocation::marks_of(context.token), now))
        context.result = AuthenticateResult::fail({.kind = Failure::revoked});
      else if (list->heard(issuer.issuer()) < now - Seconds(10))
        context.result = AuthenticateResult::fail({.kind = Failure::unavailable});
    };
  });
  builder.services.add_authorization();
  serve([](WebApplication& on) {
    on.map_get("/orders", [] { return results::ok(); }).require_authorization();
  });
  const std::string presented = token();
  EXPECT_EQ(server->get("/orders", presented).status, 503);
  ASSERT_TRUE(list->heard(issuer.issuer(), Instant::max()));
  EXPECT_EQ(server->get("/orders", presented).status, 200);
  revoke(DenyKind::key, issuer.key().kid());
  EXPECT_EQ(server->get("/orders", presented).status, 401) << "also for a token that was seen before";
}

}  // namespace
}  // namespace gatehouse
