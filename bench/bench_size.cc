// floor/ALG/N     the bare primitive over the signing input of a token of N octets
// validate/ALG/N  that token, not seen before, judged whole
// memory/ALG      how often a validation asks for memory beyond what the claims handed out need
//
// ./dev bench size --benchmark_repetitions=9 --benchmark_enable_random_interleaving=true
//
// After the rows stands the table: the best of each, and what an octet more than in the smallest token costs.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

#include "bench/floors.h"
#include "bench/tokens.h"
#include "tests/support/allocation_counter.h"

namespace gatehouse {
namespace {

using namespace bench;
using jose::Algorithm;

constexpr std::array sizes = {300, 600, 1000, 2000, 4000, 8000, 16'000};

// A large token is one of somebody in many groups: as many of them as fit, and the name takes the rest.
std::string claims_of(std::size_t groups, std::size_t padding) {
  std::string list;
  for (std::size_t i = 0; i < groups; ++i)
    list += fmt::format(R"({}"https://directory.example/groups/{:08x}-7f0b-4d0e-9a53-3f1f5a0c7b11")",
                        i ? "," : "", i * 2654435761U);
  return R"({"iss":"https://issuer.example","aud":"api://orders","sub":"4f6d2c1e","iat":1780267000,"exp":1780275600)" +
         (list.empty() ? "" : R"(,"groups":[)" + list + "]") + R"(,"name":")" + std::string(padding, 'n') +
         "\"}";
}

std::string sign(Algorithm algorithm, const std::string& claims) {
  return jose::sign_compact(claims, key_for(algorithm), algorithm).value();
}

std::string token_of_size(Algorithm algorithm, std::size_t size) {
  constexpr std::size_t group_octets = 96;  // of base64url
  const std::size_t least = sign(algorithm, claims_of(0, 0)).size();
  const std::size_t groups = size > least + 300 ? (size - least - 100) / group_octets : 0;
  std::string token = sign(algorithm, claims_of(groups, 0));
  for (std::size_t padding = 1; token.size() + 1 < size; ++padding)
    token = sign(algorithm, claims_of(groups, padding));
  return token;
}

void floor(benchmark::State& state, Algorithm algorithm) {
  const std::string token = token_of_size(algorithm, static_cast<std::size_t>(state.range(0)));
  if (algorithm == Algorithm::HS256)
    floor_hmac(state, token);
  else
    floor_asymmetric(state, algorithm, token);
}

void validate(benchmark::State& state, Algorithm algorithm) {
  const tokens::TokenValidator validator = validator_for({key_for(algorithm)});
  const std::string token = token_of_size(algorithm, static_cast<std::size_t>(state.range(0)));
  bool accepted = !validator.validate(forged(token), now);
  for (auto _ : state) {
    const auto result = validator.validate(token, now);
    accepted &= result.has_value();
    benchmark::DoNotOptimize(result);
  }
  require(accepted, state);
}

std::size_t of_openssl = 0;

std::size_t count(std::size_t& counter, const std::function<bool()>& call, bool& holds) {
  holds = holds && call();  // what is made once a thread is made now
  const std::size_t before = counter;
  holds = call() && holds;
  return counter - before;
}

void memory(benchmark::State& state, Algorithm algorithm) {
  const tokens::TokenValidator validator = validator_for({key_for(algorithm)});
  const std::string token = token_of_size(algorithm, 600);
  const std::string claims = *base64url::decode(input_of(token).substr(token.find('.') + 1));
  const auto validates = [&] { return validator.validate(token, now).has_value(); };
  const auto parses = [&] { return tokens::ClaimSet::parse(claims, {}).has_value(); };
  bool holds = !validator.validate(forged(token), now);
  for (auto _ : state) holds &= validates();
  const std::size_t handed_out = count(allocations, parses, holds);
  state.counters["claims"] = static_cast<double>(handed_out);
  state.counters["beyond"] = static_cast<double>(count(allocations, validates, holds) - handed_out);
  state.counters["openssl"] = static_cast<double>(count(of_openssl, validates, holds));
  require(holds && handed_out > 0, state);
}

/// The rows as google benchmark prints them, and the best of each in one table.
class WithTable : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration || run.error_occurred || run.run_name.args.empty()) continue;
      const auto [row, is_new] = best_[run.run_name.function_name].try_emplace(std::stoul(run.run_name.args),
                                                                               run.GetAdjustedCPUTime());
      if (!is_new) row->second = std::min(row->second, run.GetAdjustedCPUTime());
    }
  }

  void Finalize() override {
    for (const char* algorithm : {"HS256", "RS256"}) print(algorithm);
  }

 private:
  using Times = std::map<std::size_t, double>;

  void print(const std::string& algorithm) {
    const Times &floor = best_["floor/" + algorithm], &validate = best_["validate/" + algorithm];
    if (floor.empty() || validate.size() != floor.size()) return;
    fmt::print(
        "\n| {} octets | primitive ns | validate ns | ratio | primitive ns/octet | validate ns/octet |\n",
        algorithm);
    fmt::print("| ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for (const auto& [size, bare] : floor)
      fmt::print("| {} | {:.0f} | {:.0f} | {:.2f} | {} | {} |\n", size, bare, validate.at(size),
                 validate.at(size) / bare, slope(floor, size), slope(validate, size));
  }

  static std::string slope(const Times& times, std::size_t size) {
    const auto& [smallest, least] = *times.begin();
    if (size == smallest) return "–";
    return fmt::format("{:.2f}", (times.at(size) - least) / static_cast<double>(size - smallest));
  }

  std::map<std::string, Times> best_;
};

// Base64url of an RS256 signature alone is 342 octets.
void add_rows() {
  const auto row = [](const std::string& name, int least, const auto& function, auto... arguments) {
    auto* added = benchmark::RegisterBenchmark(name.c_str(), function, arguments...);
    for (const int size : sizes)
      if (size >= least) added->Arg(size);
  };
  row("floor/HS256", 300, floor, Algorithm::HS256);
  row("validate/HS256", 300, validate, Algorithm::HS256);
  row("floor/RS256", 600, floor, Algorithm::RS256);
  row("validate/RS256", 600, validate, Algorithm::RS256);
  for (const Algorithm algorithm : {Algorithm::HS256, Algorithm::RS256, Algorithm::ES256})
    benchmark::RegisterBenchmark(("memory/" + std::string(name(algorithm))).c_str(), memory, algorithm);
}

// OpenSSL asks malloc, not operator new.
void count_openssl() {
  CRYPTO_set_mem_functions([](std::size_t size, const char*, int) { return ++of_openssl, std::malloc(size); },
                           [](void* memory, std::size_t size, const char*, int) {
                             return ++of_openssl, std::realloc(memory, size);
                           },
                           [](void* memory, const char*, int) { std::free(memory); });
}

}  // namespace
}  // namespace gatehouse

int main(int argc, char** argv) {
  gatehouse::count_openssl();
  gatehouse::add_rows();
  benchmark::Initialize(&argc, argv);
  gatehouse::WithTable reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::Shutdown();
  return EXIT_SUCCESS;
}
