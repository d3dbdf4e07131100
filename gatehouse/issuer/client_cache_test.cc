#include "gatehouse/issuer/client_cache.h"

#include <gtest/gtest.h>

#include "gatehouse/base/wait_for.h"
#include "gatehouse/stores/store.h"
#include "tests/support/settable_clock.h"

namespace gatehouse::issuer {
namespace {

class ClientCacheTest : public testing::Test {
 protected:
  std::string name_of(const std::string& id) {
    const auto found = wait_for(cache_.find(id));
    return found ? found->name : std::string(code(found.error().kind));
  }

  test_support::SettableClock clock_;
  std::unique_ptr<stores::Store> store_ = stores::make_memory_store();
  stores::ClientStore& clients_ = store_->clients();
  ClientCache cache_{clients_, clock_, Seconds(5), 2};
};

TEST_F(ClientCacheTest, RemembersForItsTimeAndNoLonger) {
  ASSERT_TRUE(wait_for(clients_.add({.id = "web", .name = "old"})));
  EXPECT_EQ(name_of("web"), "old");
  ASSERT_TRUE(wait_for(clients_.update({.id = "web", .name = "new"})));
  clock_.advance(Seconds(4));
  EXPECT_EQ(name_of("web"), "old");
  clock_.advance(Seconds(1));
  EXPECT_EQ(name_of("web"), "new");
}

TEST_F(ClientCacheTest, SeesItsOwnChangesAtOnce) {
  EXPECT_EQ(name_of("web"), "not_found");
  ASSERT_TRUE(wait_for(cache_.add({.id = "web", .name = "first"})));
  EXPECT_EQ(name_of("web"), "first");
  ASSERT_TRUE(wait_for(cache_.update({.id = "web", .name = "second"})));
  EXPECT_EQ(name_of("web"), "second");
  ASSERT_TRUE(wait_for(cache_.remove("web")));
  EXPECT_EQ(name_of("web"), "not_found");
}

TEST_F(ClientCacheTest, NeverRemembersThatThereIsNone) {
  EXPECT_EQ(name_of("web"), "not_found");
  ASSERT_TRUE(wait_for(clients_.add({.id = "web", .name = "new"})));
  EXPECT_EQ(name_of("web"), "new");
}

TEST_F(ClientCacheTest, StaysWithinItsCapacity) {
  for (const char* id : {"a", "b", "c"}) ASSERT_TRUE(wait_for(clients_.add({.id = id, .name = "old"})));
  for (const char* id : {"a", "b", "c"}) EXPECT_EQ(name_of(id), "old");  // the third began anew
  ASSERT_TRUE(wait_for(clients_.update({.id = "a", .name = "new"})));
  EXPECT_EQ(name_of("a"), "new");
  EXPECT_EQ(wait_for(cache_.list())->size(), 3u);
}

}  // namespace
}  // namespace gatehouse::issuer
