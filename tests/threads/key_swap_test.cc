// Threads validate while another exchanges the validator and lets go of the keys of the one before.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "gatehouse/jose/jws.h"
#include "gatehouse/tokens/validate.h"
#include "gatehouse/tokens/validator_set.h"

namespace gatehouse::tokens {
namespace {

using jose::Algorithm;
using jose::Key;

constexpr Instant now{Seconds(1'780'272'000)};
constexpr std::size_t readers = 3;
constexpr std::size_t swaps = 150;

// A snapshot as an application keeps one: taken under a lock, read without.
template <class T>
class Snapshot {
 public:
  explicit Snapshot(std::shared_ptr<const T> first) : value_(std::move(first)) {}

  std::shared_ptr<const T> take() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  void exchange(std::shared_ptr<const T> next) {
    const std::lock_guard lock(mutex_);
    value_.swap(next);
  }  // what was here before goes with `next`, after the lock

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

std::string payload_of(std::size_t generation) {
  return R"({"iss":"https://issuer.example","aud":"api://orders","exp":1780275600,"sub":")" +
         std::to_string(generation) + "\"}";
}

/// Keys that live for one generation, and tokens that only they have signed.
struct Generation {
  std::size_t number;
  TokenValidator validator;
  std::vector<std::string> tokens;
};

std::shared_ptr<const Generation> make_generation(std::size_t number) {
  std::vector<Key> keys;
  std::vector<std::string> tokens;
  for (const Algorithm algorithm : {Algorithm::HS256, Algorithm::ES256, Algorithm::Ed25519}) {
    // The kid is the same in every generation: nothing may be found by name that another key has left behind.
    keys.push_back(Key::generate(algorithm, std::string(jose::name(algorithm))).value());
    tokens.push_back(jose::sign_compact(payload_of(number), keys.back(), algorithm).value());
  }
  auto validator = TokenValidator::make({.valid_issuer = "https://issuer.example",
                                         .valid_audience = "api://orders",
                                         .issuer_signing_keys = std::move(keys)});
  return std::make_shared<const Generation>(
      Generation{.number = number, .validator = *std::move(validator), .tokens = std::move(tokens)});
}

struct Tally {
  std::size_t accepted = 0;
  std::size_t refused = 0;
  std::size_t wrong = 0;
};

// Tokens of this generation are accepted and say so; one of the generation before is a forgery by now.
void judge(const Generation& current, const std::vector<std::string>& old, Tally& tally) {
  for (const std::string& token : current.tokens) {
    const auto validated = current.validator.validate(token, now);
    const bool right = validated && validated->claims.subject() == std::to_string(current.number);
    ++(right ? tally.accepted : tally.wrong);
  }
  for (const std::string& token : old) {
    const auto validated = current.validator.validate(token, now);
    ++(!validated && validated.error().kind == Failure::signature_invalid ? tally.refused : tally.wrong);
  }
}

TEST(KeysSwappedWhileOthersValidate, DecideAsTheirSnapshotSays) {
  Snapshot<Generation> snapshot(make_generation(0));
  std::atomic<bool> done = false;
  std::vector<Tally> tallies(readers);
  std::vector<std::jthread> threads;
  for (Tally& tally : tallies)
    threads.emplace_back([&snapshot, &done, &tally] {
      std::size_t seen = 0;
      std::vector<std::string> old;
      do {
        const auto current = snapshot.take();
        if (current->number == seen) {
          judge(*current, {}, tally);
        } else {
          judge(*current, old, tally);
          seen = current->number;
        }
        old = current->tokens;
      } while (!done);
    });

  for (std::size_t i = 1; i <= swaps; ++i) snapshot.exchange(make_generation(i));
  done = true;
  threads.clear();

  for (const Tally& tally : tallies) {
    EXPECT_GE(tally.accepted, 3u);
    EXPECT_EQ(tally.wrong, 0u);
  }
}

// What a thread prepared for a key goes while others still use the same key, and the key goes with the last
// of them.
TEST(KeysSwappedWhileOthersValidate, GoWithTheLastWhoUsesThem) {
  std::weak_ptr<const Generation> gone;
  std::vector<Tally> tallies(readers * 2);
  {
    const auto kept = make_generation(7);
    gone = kept;
    for (std::size_t round = 0; round < 20; ++round) {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < readers; ++i)
        threads.emplace_back([mine = kept, &tally = tallies[i]] { judge(*mine, {}, tally); });
      // Keys of its own, made and let go in each thread: the others look for what has gone at the same time.
      for (std::size_t i = readers; i < readers * 2; ++i)
        threads.emplace_back([round, &tally = tallies[i]] { judge(*make_generation(round), {}, tally); });
    }
  }
  EXPECT_TRUE(gone.expired());
  for (const Tally& tally : tallies) {
    EXPECT_EQ(tally.accepted, 60u);
    EXPECT_EQ(tally.wrong, 0u);
  }
}

// One key in several snapshots: copies share what they hold, and each of them may be the one that ends it.
TEST(KeysSwappedWhileOthersValidate, MayBeInBothSnapshots) {
  const auto generation = make_generation(3);
  Snapshot<TokenValidatorSet> snapshot(std::make_shared<const TokenValidatorSet>(
      TokenValidatorSet::make({generation->validator.parameters()}).value()));
  std::atomic<bool> done = false;
  std::vector<Tally> tallies(readers);
  std::vector<std::jthread> threads;
  for (Tally& tally : tallies)
    threads.emplace_back([&] {
      do {
        const auto set = snapshot.take();
        for (const std::string& token : generation->tokens) {
          const auto validator = set->choose(token);
          ++(validator && (*validator)->validate(token, now) ? tally.accepted : tally.wrong);
        }
      } while (!done);
    });
  for (std::size_t i = 0; i < swaps; ++i) {
    auto parameters = generation->validator.parameters();
    parameters.issuer_signing_keys.push_back(Key::generate(Algorithm::HS256).value());
    snapshot.exchange(
        std::make_shared<const TokenValidatorSet>(TokenValidatorSet::make({std::move(parameters)}).value()));
  }
  done = true;
  threads.clear();
  for (const Tally& tally : tallies) {
    EXPECT_GE(tally.accepted, 3u);
    EXPECT_EQ(tally.wrong, 0u);
  }
}

}  // namespace
}  // namespace gatehouse::tokens
