#include "gatehouse/stores/client_store.h"

#include <gtest/gtest.h>

#include "gatehouse/base/wait_for.h"
#include "gatehouse/stores/store.h"
#include "tests/support/each_store.h"

namespace gatehouse::stores {
namespace {

Client web() {
  return {.id = "web",
          .name = "The shop's \"pages\"",
          .secrets = {{.hash = "h1", .created = Instant(Seconds(1'780'000'000))},
                      {.hash = "h2",
                       .created = Instant(Seconds(1'780'000'001)),
                       .expires = Instant(Seconds(1'790'000'000))}},
          .keys = R"({"keys":[]})",
          .grants = {"client_credentials", "refresh_token"},
          .scopes = {"orders.read", "orders.write"},
          .audiences = {"https://api.example.com"},
          .origins = {"https://shop.example.com"},
          .is_first_party = true,
          .may_introspect = true,
          .is_disabled = true,
          .access_token_lifetime = Seconds(300),
          .idle_lifetime = Seconds(3600),
          .absolute_lifetime = Seconds(86'400)};
}

TEST(ClientJson, GivesBackWhatWasWritten) {
  EXPECT_EQ(client_from_json(to_json(web())), web());
  const Client bare{.id = "bare"};
  EXPECT_EQ(to_json(bare), R"({"id":"bare"})");
  EXPECT_EQ(client_from_json(to_json(bare)), bare);
}

struct Wrong {
  const char* text;
  const char* subject;
};
constexpr Wrong wrong[] = {
    {R"([])", "a client is a JSON object"},
    {R"({})", "'id' has to be a string that is not empty"},
    {R"({"id":7})", "'id' has to be a string"},
    {R"({"id":"a","scopes":"read"})", "'scopes' has to be a list of strings"},
    {R"({"id":"a","grants":[1]})", "'grants' has to be a list of strings"},
    {R"({"id":"a","first_party":"yes"})", "'first_party' has to be true or false"},
    {R"({"id":"a","idle_lifetime":0})", "'idle_lifetime' has to be a number of seconds"},
    {R"({"id":"a","idle_lifetime":1.5})", "'idle_lifetime' has to be a number of seconds"},
    {R"({"id":"a","secrets":{}})", "'secrets' has to be a list of objects"},
    {R"({"id":"a","secrets":["x"]})", "'secrets' has to be a list of objects"},
    {R"({"id":"a","secrets":[{"hash":"h","created":"yesterday"}]})",
     "'created' has to be a date and time (RFC 3339)"},
};

TEST(ClientJson, SaysWhatIsWrong) {
  for (const Wrong& row : wrong)
    EXPECT_EQ(client_from_json(row.text).error(), (Error{Failure::malformed, row.subject})) << row.text;
  EXPECT_FALSE(client_from_json("no JSON"));
}

class ClientStoreContract : public test_support::EachStore {
 protected:
  ClientStore& clients_ = store_->clients();
};

TEST_P(ClientStoreContract, KeepsClients) {
  EXPECT_EQ(wait_for(clients_.find("web")).error().kind, Failure::not_found);
  ASSERT_TRUE(wait_for(clients_.add(web())));
  ASSERT_TRUE(wait_for(clients_.add({.id = "app"})));
  EXPECT_EQ(wait_for(clients_.find("web")), web());
  EXPECT_EQ(wait_for(clients_.find("Web")).error().kind, Failure::not_found);
  EXPECT_EQ(wait_for(clients_.list()), (std::vector<Client>{{.id = "app"}, web()}));
}

TEST_P(ClientStoreContract, ChangesAndRemovesWhatIsThere) {
  ASSERT_TRUE(wait_for(clients_.add(web())));
  EXPECT_EQ(wait_for(clients_.add(web())).error().kind, Failure::conflict);
  Client changed = web();
  changed.secrets.pop_back();
  ASSERT_TRUE(wait_for(clients_.update(changed)));
  EXPECT_EQ(wait_for(clients_.find("web")), changed);
  ASSERT_TRUE(wait_for(clients_.remove("web")));
  for (const auto& result : {wait_for(clients_.remove("web")), wait_for(clients_.update(web()))})
    EXPECT_EQ(result.error().kind, Failure::not_found);
  EXPECT_EQ(wait_for(clients_.list())->size(), 0u);
}

GH_TEST_EACH_STORE(ClientStoreContract);

}  // namespace
}  // namespace gatehouse::stores
