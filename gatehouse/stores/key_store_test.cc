#include "gatehouse/stores/key_store.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "gatehouse/base/wait_for.h"
#include "gatehouse/stores/store.h"
#include "tests/support/each_store.h"

namespace gatehouse::stores {
namespace {

using State = KeyState;

constexpr Instant start{Seconds(1'780'000'000)};

StoredKey key(std::uint32_t number, State state, std::string purpose = "sign:ES256") {
  return {.id = fmt::format("{} {}", purpose, number),
          .purpose = std::move(purpose),
          .number = number,
          .state = state,
          .created = start,
          .activates = start + Seconds(number),
          .public_key = R"({"kty":"EC"})",
          .wrapped = std::string("\0sealed", 7),
          .wrapping_key = "w1"};
}

class KeyStoreContract : public test_support::EachStore {
 protected:
  Result<void> apply(std::vector<KeyChange> changes) { return wait_for(keys_.apply(std::move(changes))); }
  bool conflicts(std::vector<KeyChange> changes) {
    const auto before = list();
    const auto applied = apply(std::move(changes));
    return !applied && applied.error().kind == Failure::conflict && list() == before;
  }
  std::vector<StoredKey> list() { return wait_for(keys_.list()).value(); }

  KeyStore& keys_ = store_->keys();
};

TEST_P(KeyStoreContract, KeepsKeysByPurposeAndNumber) {
  StoredKey retired = key(1, State::retired);
  retired.retired = start + Seconds(5);
  retired.removes = start + Seconds(9);
  retired.wrapped.clear();
  const StoredKey secret = key(1, State::active, "refresh-tag");
  ASSERT_TRUE(apply({{key(2, State::active)}, {retired}, {secret}}));
  EXPECT_EQ(list(), (std::vector<StoredKey>{secret, retired, key(2, State::active)}));
}

TEST_P(KeyStoreContract, MovesKeysOnTogether) {
  ASSERT_TRUE(apply({{key(1, State::active)}, {key(2, State::announced)}}));
  ASSERT_TRUE(apply({{key(1, State::retired), State::active},
                     {key(2, State::active), State::announced},
                     {key(3, State::announced)}}));
  EXPECT_EQ(list(), (std::vector<StoredKey>{key(1, State::retired), key(2, State::active),
                                            key(3, State::announced)}));
}

TEST_P(KeyStoreContract, ChangesAllOrNothing) {
  ASSERT_TRUE(apply({{key(1, State::active)}, {key(2, State::announced)}}));
  // In the wrong order there would be two active ones for a moment.
  EXPECT_TRUE(
      conflicts({{key(2, State::active), State::announced}, {key(1, State::retired), State::active}}));
  EXPECT_TRUE(conflicts({{key(1, State::retired), State::active}, {key(2, State::active), State::retired}}));
  EXPECT_TRUE(conflicts({{key(3, State::announced)}}));
  EXPECT_TRUE(conflicts({{key(3, State::active)}}));
  EXPECT_TRUE(conflicts({{key(9, State::retired), State::active}}));
  EXPECT_TRUE(conflicts({{key(1, State::retired)}}));
  StoredKey same_number = key(2, State::retired);
  same_number.id = "another";
  EXPECT_TRUE(conflicts({{same_number}}));
  EXPECT_TRUE(apply({{key(1, State::announced, "sign:RS256")}}));
}

TEST_P(KeyStoreContract, OneOfManyWithOnePlanCarriesItOut) {
  ASSERT_TRUE(apply({{key(1, State::active)}, {key(2, State::announced)}}));
  std::atomic<int> succeeded = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        succeeded += apply({{key(1, State::retired), State::active},
                            {key(2, State::active), State::announced},
                            {key(3, State::announced)}})
                         .has_value();
      });
  }
  EXPECT_EQ(succeeded, 1);
  EXPECT_EQ(list().size(), 3u);
}

GH_TEST_EACH_STORE(KeyStoreContract);

TEST(KeyStates, HaveNames) {
  for (const State state :
       {State::announced, State::active, State::retired, State::removed, State::compromised})
    EXPECT_EQ(read_key_state(name(state)), state);
  EXPECT_EQ(read_key_state("Active"), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::stores
