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

#include <algorithm>
#include <array>
#include <cstring>
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

// A token as it is when its claims have just been read: five texts in memory that is at hand. Each turn makes
// another token of it, so that what is looked up never is.
class Token {
 public:
  Token() {
    constexpr std::array<std::string_view, revocation::deny_kinds> kinds = {"jti", "sid", "sub", "cli",
                                                                            "kid"};
    marks_ = {.issuer = issuer, .issued = now};
    for (std::size_t kind = 0; kind < texts_.size(); ++kind) {
      std::ranges::copy(id(kinds[kind], 0).substr(0, length), texts_[kind].begin());
      marks_.values[kind] = {texts_[kind].data(), length};
    }
  }
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;

  const TokenMarks& next() {
    ++number_;
    const std::uint64_t mixed =
        number_ * 0x9e3779b97f4a7c15 | 0x8080808080808080;  // no text of a list is like it
    for (auto& text : texts_) std::memcpy(&text[8], &mixed, sizeof mixed);
    return marks_;
  }

 private:
  static constexpr std::size_t length = 32;
  std::array<std::array<char, length>, revocation::deny_kinds> texts_{};
  TokenMarks marks_;
  std::uint64_t number_ = 0;
};

void lookup(benchmark::State& state) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  const DenyList& list = list_of(count);
  Token token;
  constexpr std::size_t ahead = 8;
  std::array<DenyList::Lookup, ahead> prepared;
  for (DenyList::Lookup& one : prepared) one = list.prepare(token.next(), now);
  std::uint64_t i = 0, found = 0;
  for (auto _ : state) {
    DenyList::Lookup& next = prepared[i % ahead];
    found += list.find(next, now).has_value();
    next = list.prepare(token.next(), now);
    ++i;
  }
  if (found != 0) state.SkipWithError("something was found that is not there");
  state.counters["table_bytes"] = static_cast<double>(list.octets());
}

void alone(benchmark::State& state) {
  const DenyList& list = list_of(static_cast<std::uint64_t>(state.range(0)));
  Token token;
  std::uint64_t found = 0;
  for (auto _ : state) found += list.find(token.next(), now).has_value();
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
