// hit/quiet, hit/refreshing   a token seen before through the whole of a Guard, while its authority's keys
// are
//                             left alone, and while another thread fetches them again every 100 ms
// storm/valid, storm/unknown  a token seen before and one more, both counted: valid and not seen, or naming a
//                             key that nobody has. "fetches" is how often the authority was asked.
//
// ./dev bench authority --benchmark_repetitions=9 --benchmark_enable_random_interleaving=true

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>

#include "bench/best.h"
#include "bench/floors.h"
#include "bench/tokens.h"
#include "gatehouse/authorization/guard.h"
#include "tests/support/fake_backchannel.h"

namespace gatehouse {
namespace {

using namespace bench;
using authorization::Guard;
using authorization::GuardBuilder;
using jose::Algorithm;

// An API whose keys come from an authority, and that authority.
struct World {
  World() {
    backchannel->publish(std::string(issuer), jose::KeySet({key_for(Algorithm::ES256)}).public_jwks());
    GuardBuilder builder;
    builder.use_clock(clock);
    builder.use_backchannel(backchannel);
    builder.add_authentication("Bearer").add_jwt_bearer([](authentication::JwtBearerOptions& options) {
      options.authority = issuer;
      options.audience = audience;
    });
    builder.protect("GET", "/orders").require_authorization();
    guard.emplace(builder.build().value());
    guard->wait({.target = "/orders", .authorization = hot});  // fetches the keys
  }

  int ask(const std::string& header) const {
    return guard->check({.target = "/orders", .authorization = header}).status;
  }

  std::shared_ptr<testing::FakeClock> clock = std::make_shared<testing::FakeClock>(now);
  std::shared_ptr<test_support::FakeBackchannel> backchannel =
      std::make_shared<test_support::FakeBackchannel>(*clock);
  std::string hot = "Bearer " + token_of(Algorithm::ES256);
  std::optional<Guard> guard;
};

void hit(benchmark::State& state, bool refreshes) {
  World world;
  std::atomic<bool> is_over = false;
  std::thread authority([&] {
    auto next = std::chrono::steady_clock::now();
    while (refreshes && !is_over) {
      run_inline(world.guard->authorities().front()->refresh());
      next += std::chrono::milliseconds(100);
      std::this_thread::sleep_until(next);
    }
  });
  bool accepted = true;
  for (auto _ : state) accepted &= world.ask(world.hot) == 200;
  is_over = true;
  authority.join();
  require(accepted, state);
}

constexpr int storm_size = 20'000;

// As if of another token: its header names a key that there is not, and nobody looks at the signature.
std::string with_kid(const std::string& token, int number) {
  const std::string header = fmt::format(R"({{"alg":"ES256","typ":"JWT","kid":"made-up-{}"}})", number);
  return base64url::encode(header) + token.substr(token.find('.'));
}

// Another token of the same size: one that ends later.
std::string ending_later(const std::string& token, int seconds) {
  std::string claims =
      base64url::decode(token.substr(token.find('.') + 1, token.rfind('.') - token.find('.') - 1)).value();
  const std::string until = std::to_string(to_unix_seconds(now) + 3600);
  claims.replace(claims.find(until), until.size(), std::to_string(to_unix_seconds(now) + 3600 + seconds));
  return jose::sign_compact(claims, key_for(Algorithm::ES256), Algorithm::ES256).value();
}

void storm(benchmark::State& state, bool is_known) {
  World world;
  const std::string token = token_of(Algorithm::ES256);
  std::vector<std::string> extra;
  for (int i = 0; i < storm_size; ++i)
    extra.push_back("Bearer " + (is_known ? ending_later(token, i + 1) : with_kid(token, i)));
  const std::size_t before = world.backchannel->fetched.size();
  std::size_t next = 0;
  bool is_right = true;
  for (auto _ : state) {
    is_right &= world.ask(world.hot) == 200;
    const int status = world.ask(extra[next++ % extra.size()]);
    is_right &= (status == 200) == is_known;
    if (next % 10 == 0) world.clock->advance(std::chrono::milliseconds(1));
  }
  state.counters["fetches"] = static_cast<double>(world.backchannel->fetched.size() - before) / 2;
  require(is_right, state);
}

}  // namespace
}  // namespace gatehouse

int main(int argc, char** argv) {
  using namespace gatehouse;
  benchmark::RegisterBenchmark("hit/quiet", hit, false)->ComputeStatistics("best", bench::smallest);
  benchmark::RegisterBenchmark("hit/refreshing", hit, true)->ComputeStatistics("best", bench::smallest);
  for (const bool is_known : {true, false})
    benchmark::RegisterBenchmark(is_known ? "storm/valid" : "storm/unknown", storm, is_known)
        ->Iterations(storm_size)
        ->ComputeStatistics("best", bench::smallest);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return EXIT_SUCCESS;
}
