// Many present one token at the same moment, in one process and in two: one rotation, one successor, one row.

#include <latch>
#include <map>
#include <mutex>
#include <set>

#include "tests/sessions/process.h"
#include "tests/sessions/world.h"

namespace gatehouse::test_sessions {
namespace {

struct Found {
  std::map<std::string, int> decisions;
  std::set<std::string> successors;
};

// All are begun before any is answered.
Found present(World& world, const std::string& token, int presenters) {
  Found found;
  std::mutex mutex;
  std::latch done(presenters);
  for (int i = 0; i < presenters; ++i)
    start(world.sessions.refresh(World::request(token)), [&](Result<issuer::RefreshOutcome>&& outcome) {
      {
        const std::lock_guard lock(mutex);
        ++found.decisions[outcome ? std::string(name(outcome->decided)) : describe(outcome.error())];
        if (outcome) found.successors.insert(outcome->refresh_token);
      }
      done.count_down();
    });
  done.wait();
  return found;
}

void write(Lines& to, const Found& found) {
  for (const auto& [decision, count] : found.decisions)
    to.write(fmt::format("decision {} {}", count, decision));
  for (const std::string& successor : found.successors) to.write("successor " + successor);
  to.write("done");
}

void read(Lines& from, Found& found) {
  while (const auto line = from.read()) {
    if (*line == "done") return;
    const auto rest = line->substr(line->find(' ') + 1);
    if (line->starts_with("successor "))
      found.successors.insert(rest);
    else
      found.decisions[rest.substr(rest.find(' ') + 1)] += std::stoi(rest);
  }
}

bool is_right(const Found& found, int presenters) {
  const auto count = [&](const char* decision) {
    const auto at = found.decisions.find(decision);
    return at == found.decisions.end() ? 0 : at->second;
  };
  return count("rotate") == 1 && count("retry") == presenters - 1 && found.successors.size() == 1;
}

bool race_in(int processes, int presenters, int rounds, const std::string& path) {
  const int share = presenters / processes;
  const auto work = [&](Lines& parent) {
    World world(path, 128);
    parent.write("ready");
    while (const auto token = parent.read()) write(parent, present(world, *token, share));
  };
  std::vector<std::unique_ptr<Process>> children;
  for (int i = 0; i < processes; ++i) children.push_back(std::make_unique<Process>(work));
  for (const auto& child : children) child->lines().read();

  World world(path, 128);
  std::string token = world.log_in();
  const std::size_t rows = wait_for(world.store->sessions().count()).value();
  int wrong = 0;
  for (int round = 0; round < rounds; ++round) {
    Found found;
    for (const auto& child : children) child->lines().write(token);
    for (const auto& child : children) read(child->lines(), found);
    if (!is_right(found, share * processes)) {
      ++wrong;
      for (const auto& [decision, count] : found.decisions)
        fmt::print("  round {}: {} {}\n", round, count, decision);
      token = world.log_in();
      continue;
    }
    token = *found.successors.begin();
  }
  const bool is_one_row = wrong > 0 || wait_for(world.store->sessions().count()).value() == rows;
  fmt::print("{} presenters in {} {}, {} rounds: {} wrong{}\n", share * processes, processes,
             processes == 1 ? "process" : "processes", rounds, wrong,
             is_one_row ? "" : ", and there are more rows");
  return wrong == 0 && is_one_row;
}

}  // namespace

bool race(const std::string& folder, int rounds) {
  bool is_all_right = true;
  for (const int processes : {1, 2})
    for (const int presenters : {64, 100})
      is_all_right &= race_in(processes, presenters, rounds,
                              fmt::format("{}/race-{}-{}.db", folder, processes, presenters));
  return is_all_right;
}

}  // namespace gatehouse::test_sessions
