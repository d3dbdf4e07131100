// An application whose keys come from an authority: what its host lends, logs, refuses and reports.
#include "gatehouse/diagnostics/health.h"
#include "tests/application/application_fixture.h"
#include "tests/support/fake_backchannel.h"

namespace gatehouse {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class AuthorityTest : public ApplicationTest {
 protected:
  AuthorityTest() {
    builder.use_backchannel(backchannel);
    builder.environment = configuration::Environment("Production");
  }

  void add_authority(const std::function<void(JwtBearerOptions&)>& configure = {}) {
    builder.services.add_authentication("Bearer").add_jwt_bearer([&](JwtBearerOptions& options) {
      options.authority = issuer.issuer();
      options.audience = issuer.audience();
      if (configure) configure(options);
    });
  }

  void publish() { backchannel->publish(issuer.issuer(), jose::KeySet({issuer.key()}).public_jwks()); }

  testing::TestServer& serve_orders() {
    builder.services.add_authorization(
        [](auto& options) { options.fallback_policy = options.default_policy; });
    return serve([](WebApplication& on) {
      on.map_get("/orders", [] { return http::results::text("orders"); });
      on.map_health();
    });
  }

  std::string start_fault() {
    try {
      builder.build();
    } catch (const configuration::ConfigurationError& error) {
      return error.what();
    }
    return "it starts";
  }

  std::shared_ptr<test_support::FakeBackchannel> backchannel =
      std::make_shared<test_support::FakeBackchannel>(*clock);
};

TEST_F(AuthorityTest, TwoOptionsAreAllThatAUserWrites) {
  publish();
  add_authority();
  EXPECT_EQ(serve_orders().get("/orders", issuer.token()).body, "orders");
  EXPECT_EQ(server->get("/orders", issuer.token().for_audience("api://other")).status, 401);
  EXPECT_EQ(server->get("/orders", issuer.token().from_issuer("https://other.test")).status, 401);
  EXPECT_EQ(server->get("/orders", issuer.token().signed_by_another_key()).status, 401);
}

TEST_F(AuthorityTest, AnOutageIsNobodysFault) {
  add_authority();
  const auto answer = serve_orders().get("/orders", issuer.token());
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("Retry-After"), "1");
  EXPECT_EQ(answer.challenge(), "");
  EXPECT_EQ(server->get("/orders").status, 401) << "who brings nothing is not waited for";
}

TEST_F(AuthorityTest, NobodyIsAskedForWhatIsNoToken) {
  add_authority();
  serve_orders();
  for (const std::string& text : {std::string("garbage"), std::string("a.b"), std::string("a.b.c"),
                                  std::string("e30.e30."), std::string(20'000, 'a')})
    EXPECT_EQ(server->get("/orders", text).status, 401) << text.substr(0, 40);
  EXPECT_TRUE(backchannel->fetched.empty());
}

TEST_F(AuthorityTest, ChangesOfStateAreLoggedOnceEach) {
  std::vector<std::string> heard;
  add_authority([&](JwtBearerOptions& options) {
    options.on_configuration_event = [&](const discovery::ConfigurationEvent& event) {
      heard.push_back(event.detail);
    };
  });
  serve_orders();
  for (int i = 0; i < 5; ++i) {
    server->get("/orders", issuer.token());
    clock->advance(std::chrono::seconds(10));
  }
  EXPECT_EQ(count_logged("authority_unavailable"), 1);
  publish();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(server->get("/orders", issuer.token()).status, 200);
  EXPECT_EQ(count_logged("authority_recovered"), 1);
  EXPECT_EQ(count_logged("keys_received"), 1);
  EXPECT_THAT(heard, ElementsAre(HasSubstr("answers 404"), "1 key", "the authority answers again"))
      << "the hook is told besides the log";
}

TEST_F(AuthorityTest, HealthIsForAnybodyAndNamesNoFailure) {
  add_authority();
  serve_orders();
  server->get("/orders", issuer.token());
  EXPECT_EQ(server->get("/livez").body, R"({"status":"live"})");
  EXPECT_EQ(server->get("/readyz").status, 503);
  EXPECT_EQ(
      server->get("/readyz").body,
      R"({"status":"unready","authorities":[{"issuer":"https://issuer.test","status":"unready","keys":0}]})");
  publish();
  clock->advance(std::chrono::seconds(10));
  server->get("/orders", issuer.token());
  clock->advance(std::chrono::seconds(7));
  EXPECT_EQ(server->get("/readyz").status, 200);
  EXPECT_EQ(
      server->get("/readyz").body,
      R"({"status":"ready","authorities":[{"issuer":"https://issuer.test","status":"ready","keys":1,"age_seconds":7}]})");
  EXPECT_EQ(server->get("/readyz").header("Content-Type"), "application/json");
}

TEST_F(AuthorityTest, AnOperatorMayHaveKeysFetchedNow) {
  publish();
  add_authority();
  serve_orders();
  ASSERT_EQ(server->get("/orders", issuer.token()).status, 200);
  const auto before = backchannel->fetched.size();
  const auto authority = app->authentication().authorities().at(0);
  EXPECT_TRUE(run_inline(authority->refresh()).value());
  EXPECT_EQ(backchannel->fetched.size(), before + 2);
}

void take_keys_over_http(JwtBearerOptions& options) {
  options.authority = "http://issuer.test";
  options.authority_options.require_https_metadata = false;
}

TEST_F(AuthorityTest, KeysOverHttpAreRefusedOutsideDevelopment) {
  add_authority(take_keys_over_http);
  EXPECT_THAT(
      start_fault(),
      StartsWith("add_jwt_bearer Bearer: require_https_metadata is off, so that anybody on the way could "
                 "give you keys, and this is not Development; give the authority a certificate"));
}

TEST_F(AuthorityTest, KeysOverHttpAreRefusedForOneOfSeveralIssuersToo) {
  add_authority([](JwtBearerOptions& options) {
    options.issuers = {
        {.parameters = {.valid_audience = "api://test"}, .authority = {.authority = "https://one.test"}},
        {.parameters = {.valid_audience = "api://test"},
         .authority = {.authority = "http://other.test", .require_https_metadata = false}}};
  });
  EXPECT_THAT(start_fault(), HasSubstr("require_https_metadata is off"));
}

TEST_F(AuthorityTest, ItsOptionsMayNameIt) {
  publish();
  add_authority([&](JwtBearerOptions& options) {
    options.authority.clear();
    options.authority_options.authority = issuer.issuer();
  });
  EXPECT_EQ(serve_orders().get("/orders", issuer.token()).status, 200);
}

TEST_F(AuthorityTest, TheFirstOfSeveralIssuersSaysWhatIsNoToken) {
  add_authority([&](JwtBearerOptions& options) {
    options.authority.clear();
    options.issuers = {{.parameters = {.valid_audience = "api://test", .maximum_token_size = 100},
                        .authority = {.authority = issuer.issuer()}}};
  });
  EXPECT_EQ(serve_orders().get("/orders", issuer.token()).status, 401);
  EXPECT_EQ(count_logged("too_large"), 1);
}

TEST_F(AuthorityTest, ATokenOfTheLargestSizeIsWaitedFor) {
  publish();
  const std::string token = issuer.token();
  add_authority([&](JwtBearerOptions& options) {
    options.token_validation_parameters.maximum_token_size = token.size();
  });
  EXPECT_EQ(serve_orders().get("/orders", token).status, 200);
}

TEST_F(AuthorityTest, AnEncryptedTokenIsWaitedFor) {
  publish();
  const auto secret = jose::Key::symmetric(Secret("a secret of thirty-two octets !!"), "e1");
  add_authority([&](JwtBearerOptions& options) {
    options.token_validation_parameters.token_decryption_keys = {secret};
  });
  const auto descriptor = tokens::with_default_times(
      {.issuer = issuer.issuer(), .audiences = {issuer.audience()}, .subject = "ada"}, clock->now());
  const auto token = tokens::write(descriptor, issuer.key(), jose::Algorithm::ES256,
                                   {.key = secret, .algorithm = jose::KeyManagement::dir});
  ASSERT_TRUE(token) << token.error().subject;
  EXPECT_EQ(serve_orders().get("/orders", *token).status, 200);
}

TEST_F(AuthorityTest, TheCompatibilityProfileAsksForWhatTheOriginalReads) {
  publish();
  builder.services.add_authentication("Bearer").add_jwt_bearer([&](JwtBearerOptions& options) {
    options = JwtBearerOptions::aspnet_core();
    options.authority = issuer.issuer();
    options.audience = issuer.audience();
  });
  const std::string token = issuer.token();
  EXPECT_EQ(serve_orders().get("/orders", token.substr(0, token.rfind('.') + 1) + "!!!").status, 401);
  EXPECT_FALSE(backchannel->fetched.empty()) << "a signature that is no base64url is read as none";
}

TEST_F(AuthorityTest, AnUnknownKeyIsDecidedByAnAuthorityThatAnswers) {
  publish();
  add_authority();
  ASSERT_EQ(serve_orders().get("/orders", issuer.token()).status, 200);
  clock->advance(std::chrono::minutes(1));
  backchannel->is_down = true;
  EXPECT_EQ(server->get("/orders", issuer.token().with_unknown_kid()).status, 503);
  EXPECT_EQ(server->get("/orders", issuer.token()).status, 200);
  clock->advance(std::chrono::minutes(1));
  backchannel->is_down = false;
  EXPECT_EQ(server->get("/orders", issuer.token().with_unknown_kid()).status, 401);
}

TEST_F(AuthorityTest, ASchemeThatOnlyForwardsHasNone) {
  publish();
  add_authority();
  builder.services.add_authentication("Bearer").add_policy_scheme("Forwards", {.forward_default = "Bearer"});
  EXPECT_EQ(serve_orders().get("/readyz").status, 503);
  EXPECT_EQ(app->authentication().authorities().size(), 1);
}

TEST_F(AuthorityTest, ATenantMayHaveKeysOfItsOwn) {
  int asked = 0;
  add_authority([&](JwtBearerOptions& options) {
    options.authority.clear();
    options.issuer_resolver = [&](std::string name) -> Task<std::optional<discovery::IssuerOptions>> {
      ++asked;
      co_return discovery::IssuerOptions{.parameters = {.valid_issuer = name,
                                                        .valid_audience = "api://test",
                                                        .issuer_signing_key = issuer.key()}};
    };
  });
  EXPECT_EQ(serve_orders().get("/orders", issuer.token()).status, 200);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(server->get("/orders", "e30.e30.e30.e30.e30").status, 401);
  EXPECT_EQ(asked, 1) << "what shows no issuer is nobody's to be asked about";
  EXPECT_EQ(count_logged(R"("code":"malformed")"), 1);
}

TEST_F(AuthorityTest, TenantsMayBeAllThatThereIs) {
  publish();
  add_authority([&](JwtBearerOptions& options) {
    options.authority.clear();
    options.issuer_resolver = [](std::string name) -> Task<std::optional<discovery::IssuerOptions>> {
      if (name != "https://issuer.test") co_return std::nullopt;
      co_return discovery::IssuerOptions{.parameters = {.valid_audience = "api://test"},
                                         .authority = {.authority = name}};
    };
  });
  EXPECT_EQ(serve_orders().get("/orders", issuer.token()).status, 200);
  EXPECT_EQ(server->get("/orders", issuer.token().from_issuer("https://other.test")).status, 401);
  EXPECT_TRUE(app->authentication().authorities().empty()) << "no tenant is waited for at the start";
}

TEST_F(AuthorityTest, KeysOverHttpAreForDevelopment) {
  builder.environment = configuration::Environment("Development");
  add_authority(take_keys_over_http);
  EXPECT_EQ(start_fault(), "it starts");
}

TEST_F(AuthorityTest, AnHttpAuthorityIsRefusedByDefault) {
  add_authority([](JwtBearerOptions& options) { options.authority = "http://issuer.test"; });
  EXPECT_THAT(start_fault(), HasSubstr("authority 'http://issuer.test' is not https"));
}

}  // namespace
}  // namespace gatehouse
