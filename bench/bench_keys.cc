// lookup/N    the keys of a kid among N, as the validator asks for them; each kid in turn
// missing/N   the same for kids that none of them has
// validate/N  a token judged whole, HS256, signed with one of N keys
// turns/N     the same, signed with each of N keys in turn: how many keys a thread holds ready
// refuse/N    turning away a token whose kid none of N keys has
//
// ./dev bench keys --benchmark_repetitions=9 --benchmark_enable_random_interleaving=true

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "bench/best.h"
#include "bench/tokens.h"
#include "gatehouse/jose/key_set.h"

namespace gatehouse {
namespace {

using namespace bench;
using jose::Algorithm;
using jose::Key;
using jose::KeySet;

const std::string unknown_kid = "kX0aT7gC2mQ9vR4sL1nB8wZ6yH3dF5jE0pU-iOaKtGe";

// As long as a thumbprint is, which many issuers take for a name.
std::vector<Key> keys(std::int64_t count) {
  std::vector<Key> made;
  for (std::int64_t i = 0; i < count; ++i)
    made.push_back(Key::symmetric(Secret(fmt::format("kJ8v2QpXz7LmN4sT9wYb3RcF6hGd{:08}", i)),
                                  fmt::format("{:03}Zk3mW9c2QeK1x7TnVb5yRgP8dL4sJ6hF0aUo-iXtCq", i)));
  return made;
}

std::string token_of(const Key& key) { return tokens::write(descriptor(), key, Algorithm::HS256).value(); }

class Turns {
 public:
  explicit Turns(std::size_t count) : count_(count) {}
  std::size_t next() { return std::exchange(at_, at_ + 1 == count_ ? 0 : at_ + 1); }

 private:
  std::size_t count_;
  std::size_t at_ = 0;
};

void lookup(benchmark::State& state) {
  const KeySet set(keys(state.range(0)));
  std::vector<std::string> kids;
  for (const Key& key : set.keys()) kids.push_back(key.kid());
  Turns turns(kids.size());
  bool found = true;
  for (auto _ : state) {
    const std::size_t i = turns.next();
    const auto candidates = set.find(kids[i]);
    found &= candidates.size() == 1 && &candidates[0] == &set.keys()[i];
    benchmark::DoNotOptimize(candidates);
  }
  if (!found) state.SkipWithError("another key was found, or none");
}

void missing(benchmark::State& state) {
  const KeySet set(keys(state.range(0)));
  std::vector<std::string> kids;  // many, for what one of them costs depends on where it would be
  for (int i = 0; i < 64; ++i) kids.push_back(fmt::format("{:03}{}", i, unknown_kid.substr(3)));
  Turns turns(kids.size());
  bool found = false;
  for (auto _ : state) {
    const auto candidates = set.find(kids[turns.next()]);
    found |= !candidates.empty();
    benchmark::DoNotOptimize(candidates);
  }
  if (found || set.find(set.keys().back().kid()).empty()) state.SkipWithError("the wrong kid was found");
}

void validate(benchmark::State& state, bool takes_turns) {
  const std::vector<Key> known = keys(state.range(0));
  const tokens::TokenValidator validator = validator_for(known);
  std::vector<std::string> texts;
  for (const Key& key : known) texts.push_back(token_of(takes_turns ? key : known.back()));
  Turns turns(texts.size());
  bool accepted = true;
  for (auto _ : state) {
    const auto result = validator.validate(texts[turns.next()], now);
    accepted &= result.has_value();
    benchmark::DoNotOptimize(result);
  }
  if (!accepted) state.SkipWithError("a good token was turned away");
}

void refuse(benchmark::State& state) {
  const std::vector<Key> known = keys(state.range(0));
  const tokens::TokenValidator validator = validator_for(known);
  const std::string token = token_of(known.back().with_kid(unknown_kid));
  bool refused = true;
  for (auto _ : state) {
    const auto result = validator.validate(token, now);
    refused &= !result && result.error().kind == Failure::key_not_found;
    benchmark::DoNotOptimize(result);
  }
  if (!refused || !validator.validate(token_of(known.back()), now))
    state.SkipWithError("the verdict is not the expected one");
}

void among(benchmark::internal::Benchmark* row) {
  row->Arg(1)->Arg(4)->Arg(16)->Arg(64)->Arg(256)->ComputeStatistics("best", smallest);
}

BENCHMARK(lookup)->Apply(among);
BENCHMARK(missing)->Apply(among);
BENCHMARK_CAPTURE(validate, one, false)->Name("validate")->Apply(among);
BENCHMARK_CAPTURE(validate, each, true)->Name("turns")->Apply(among);
BENCHMARK(refuse)->Apply(among);

}  // namespace
}  // namespace gatehouse

BENCHMARK_MAIN();
