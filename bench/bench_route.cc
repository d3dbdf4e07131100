// match/N  one of N routes, half of them with a value in the path, each asked for in turn
//
// ./dev bench route --benchmark_repetitions=9 --benchmark_enable_random_interleaving=true

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "gatehouse/http/routing.h"

namespace gatehouse::http {
namespace {

void match_one_of(benchmark::State& state) {
  RouteTable table;
  std::vector<std::string> paths;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    const bool has_value = i % 2 == 1;
    table.add("GET", fmt::format("/api/v1/resource{}{}", i, has_value ? "/{id:int}" : ""), {});
    paths.push_back(fmt::format("/api/v1/resource{}{}", i, has_value ? "/4711" : ""));
  }
  // The same number of paths whatever the number of routes, so that the paths' own cache misses are no part
  // of what is compared.
  const std::size_t step = std::max<std::size_t>(1, paths.size() / 64);
  const Request request;
  const ServiceCollection services;
  const SystemClock clock;
  HttpContext context(request, services, clock);
  bool found = true;
  std::size_t next = 0;
  for (auto _ : state) {
    found &= table.match("GET", paths[next], context) == Match::found;
    next += step;
    if (next >= paths.size()) next = 0;
  }
  if (!found) state.SkipWithError("a route was not found");
}

BENCHMARK(match_one_of)->Name("match")->Arg(10)->Arg(100)->Arg(1000)->Arg(10000);

}  // namespace
}  // namespace gatehouse::http

BENCHMARK_MAIN();
