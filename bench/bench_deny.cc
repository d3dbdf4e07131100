// lookup/N  whether one token was withdrawn, of a list with N entries: its jti, sid, subject, client and kid,
// all of
//           them looked up, none of them found. The places of the next tokens are fetched meanwhile, as they
//           are behind a signature check. The counter table_bytes has the size of all tables.
// alone/N   the same without anything to do meanwhile
// found/N   tokens whose jti is on the list
// add/N     one more entry
//
// ./dev bench deny --benchmark_repetitions=9 --benchmark_enable_random_interleaving=true

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/best.h"
#include "gatehouse/revocation/deny_list.h"

namespace gatehouse {
namespace {

using revocation::DenyEntry;
using revocation::DenyKind;
using revocation::DenyList;
using revocation::TokenMarks;

constexpr Instant now{Seconds(1'780'272'000)};
const std::string issuer = "https://issuer.example";

// As long as a UUID, which is what most issuers name things by.
std::string id(std::string_view kind, std::uint64_t number) {
  std::uint64_t mixed = number * 0x9e3779b97f4a7c15;
  return fmt::format("{:08x}-{}-{:04x}-{:016x}", number, kind, number & 0xffff, mixed ^ (mixed >> 29));
}

// Mostly sessions and single tokens; some users, few clients, one key.
DenyEntry entry(std::uint64_t number) {
  DenyEntry made{.issuer = issuer, .until = now + Seconds(600)};
  if (number == 0) {
    made.kind = DenyKind::key;
    made.value = id("kid", number);
  } else if (number % 1'000 == 1) {
    made.kind = DenyKind::client;
    made.value = id("cli", number);
  } else if (number % 10 == 2) {
    made.kind = DenyKind::subject;
    made.value = id("sub", number);
  } else {
    made.kind = number % 2 == 0 ? DenyKind::session : DenyKind::token;
    made.value = id(number % 2 == 0 ? "sid" : "jti", number);
  }
  if (made.kind == DenyKind::client || made.kind == DenyKind::subject) made.not_before = now;
  return made;
}

DenyList& list_of(std::uint64_t count) {
  static std::map<std::uint64_t, std::unique_ptr<DenyList>> lists;
  auto& list = lists[count];
  if (list) return *list;
  lists.clear();  // one at a time has room
  auto& made = lists[count];
  made = std::make_unique<DenyList>(revocation::DenyListOptions{.most_entries = 2 * count});
  for (std::uint64_t i = 0; i < count; ++i)
    if (!made->add(entry(i), now)) std::abort();
  return *made;
}

// Tokens as they are when their claims have been read: views of texts.
class Tokens {
 public:
  explicit Tokens(std::uint64_t first, std::string_view jti_kind = "jti") {
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t number = first + 2 * i + 1;
      texts_.push_back(
          {id(jti_kind, number), id("sid", number), id("sub", number), id("cli", number), id("kid", number)});
    }
    for (const auto& text : texts_) {
      TokenMarks marks{.issuer = issuer, .issued = now};
      for (std::size_t kind = 0; kind < revocation::deny_kinds; ++kind) marks.values[kind] = text[kind];
      marks_.push_back(marks);
    }
  }
  const TokenMarks& operator[](std::uint64_t i) const { return marks_[i % count]; }

 private:
  static constexpr std::uint64_t count = 1 << 15;
  std::vector<std::array<std::string, revocation::deny_kinds>> texts_;
  std::vector<TokenMarks> marks_;
};

constexpr std::uint64_t unknown = 1'000'000'000;  // numbers that no list has

void lookup(benchmark::State& state) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  const DenyList& list = list_of(count);
  const Tokens tokens(unknown);
  constexpr std::size_t ahead = 8;
  std::array<DenyList::Lookup, ahead> prepared;
  for (std::size_t i = 0; i < ahead; ++i) prepared[i] = list.prepare(tokens[i], now);
  std::uint64_t i = 0, found = 0;
  for (auto _ : state) {
    DenyList::Lookup& next = prepared[i % ahead];
    found += list.find(next, now).has_value();
    next = list.prepare(tokens[i + ahead], now);
    ++i;
  }
  if (found != 0) state.SkipWithError("something was found that is not there");
  state.counters["table_bytes"] = static_cast<double>(list.octets());
}

void alone(benchmark::State& state) {
  const DenyList& list = list_of(static_cast<std::uint64_t>(state.range(0)));
  const Tokens tokens(unknown);
  std::uint64_t i = 0, found = 0;
  for (auto _ : state) found += list.find(tokens[i++], now).has_value();
  if (found != 0) state.SkipWithError("something was found that is not there");
}

void found(benchmark::State& state) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  const DenyList& list = list_of(count);
  std::vector<std::string> texts;
  std::vector<TokenMarks> tokens;
  for (std::uint64_t i = 0; texts.size() < 1'024 && i < count; ++i) {
    const DenyEntry one = entry((i * 7'919) % count);
    if (one.kind == DenyKind::token) texts.push_back(one.value);
  }
  for (const std::string& text : texts) {
    tokens.push_back({.issuer = issuer, .issued = now});
    tokens.back().values[static_cast<std::size_t>(DenyKind::token)] = text;
  }
  std::uint64_t i = 0, missed = 0;
  for (auto _ : state) missed += !list.find(tokens[i++ % tokens.size()], now).has_value();
  if (missed != 0) state.SkipWithError("something was not found that is there");
}

void add(benchmark::State& state) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  DenyList list({.most_entries = std::size_t{1} << 40});
  for (std::uint64_t i = 0; i < count; ++i)
    if (!list.add(entry(i), now)) std::abort();
  std::uint64_t i = count;
  for (auto _ : state)
    if (!list.add(entry(i++), now)) std::abort();
}

void sizes(benchmark::internal::Benchmark* row) {
  row->Arg(1'000)->Arg(1'000'000)->Arg(10'000'000)->ComputeStatistics("best", bench::smallest);
}

BENCHMARK(lookup)->Apply(sizes);
BENCHMARK(alone)->Apply(sizes);
BENCHMARK(found)->Apply(sizes);
BENCHMARK(add)->Arg(1'000'000)->ComputeStatistics("best", bench::smallest);

}  // namespace
}  // namespace gatehouse

BENCHMARK_MAIN();
