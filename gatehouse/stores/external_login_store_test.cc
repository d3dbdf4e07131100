#include "gatehouse/stores/external_login_store.h"

#include <gtest/gtest.h>

#include "gatehouse/base/wait_for.h"
#include "gatehouse/stores/store.h"
#include "tests/support/each_store.h"

namespace gatehouse::stores {
namespace {

const Instant then(Seconds(1'780'000'000));

ExternalLogin login(const char* issuer, const char* subject, const char* user) {
  return {.issuer = issuer, .subject = subject, .user_id = user, .created = then};
}

class ExternalLoginStoreContract : public test_support::EachStore {
 protected:
  ExternalLoginStore& logins_ = store_->external_logins();
};

TEST_P(ExternalLoginStoreContract, FindsAUserByIssuerAndSubjectAlone) {
  ASSERT_TRUE(wait_for(logins_.add(login("https://a.example", "s1", "u1"))));
  ASSERT_TRUE(wait_for(logins_.add(login("https://b.example", "s1", "u2"))));
  EXPECT_EQ(wait_for(logins_.find("https://a.example", "s1")), login("https://a.example", "s1", "u1"));
  EXPECT_EQ(wait_for(logins_.find("https://b.example", "s1"))->user_id, "u2");
  EXPECT_EQ(wait_for(logins_.find("https://a.example", "S1")).error().kind, Failure::not_found);
  EXPECT_EQ(wait_for(logins_.find("https://A.example", "s1")).error().kind, Failure::not_found);
}

TEST_P(ExternalLoginStoreContract, ASubjectIsOneUsersAndAUserHasOneOfAnIssuer) {
  ASSERT_TRUE(wait_for(logins_.add(login("https://a.example", "s1", "u1"))));
  EXPECT_EQ(wait_for(logins_.add(login("https://a.example", "s1", "u2"))).error().kind, Failure::conflict);
  EXPECT_EQ(wait_for(logins_.add(login("https://a.example", "s2", "u1"))).error().kind, Failure::conflict);
  ASSERT_TRUE(wait_for(logins_.add(login("https://b.example", "s2", "u1"))));
  EXPECT_EQ(wait_for(logins_.list("u1")),
            (std::vector{login("https://a.example", "s1", "u1"), login("https://b.example", "s2", "u1")}));
  EXPECT_TRUE(wait_for(logins_.list("u2"))->empty());
}

TEST_P(ExternalLoginStoreContract, RemovesWhatIsThere) {
  ASSERT_TRUE(wait_for(logins_.add(login("https://a.example", "s1", "u1"))));
  ASSERT_TRUE(wait_for(logins_.remove("https://a.example", "s1")));
  EXPECT_EQ(wait_for(logins_.remove("https://a.example", "s1")).error().kind, Failure::not_found);
  EXPECT_EQ(wait_for(logins_.find("https://a.example", "s1")).error().kind, Failure::not_found);
  ASSERT_TRUE(wait_for(logins_.add(login("https://a.example", "s2", "u1"))));
}

GH_TEST_EACH_STORE(ExternalLoginStoreContract);

}  // namespace
}  // namespace gatehouse::stores
