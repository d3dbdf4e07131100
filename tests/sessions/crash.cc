// A process that logs in, refreshes and logs out is killed at a random moment, again and again: nothing that
// it was told is lost, and nothing that was ended lives again.

#include <unistd.h>

#include <set>

#include "gatehouse/base/random.h"
#include "tests/sessions/life.h"
#include "tests/sessions/process.h"

namespace gatehouse::test_sessions {
namespace {

using issuer::Rotation;
// Whether the store still has what was told. A commit that nobody was told of is no fault: the token that was
// told last is then the one before the newest, and gets its successor.
int count_wrong(World& world, const Told& told) {
  int wrong = 0;
  const auto logged = wait_for(world.store->revocations().after(0, world.clock.now(), 1'000'000)).value();
  std::set<std::string> revoked;
  for (const auto& entry : logged.entries) revoked.insert(entry.value);
  for (const auto& [sid, token] : told.newest) {
    const auto outcome = wait_for(world.sessions.refresh(World::request(token)));
    const bool was_ended = told.ended.contains(sid);
    const bool is_right =
        outcome && (was_ended ? outcome->decided == Rotation::dead && revoked.contains(sid)
                              : outcome->decided == Rotation::rotate || outcome->decided == Rotation::retry ||
                                    (outcome->decided == Rotation::dead && revoked.contains(sid)));
    if (is_right) continue;
    ++wrong;
    fmt::print("  {}: {}{}\n", sid, outcome ? name(outcome->decided) : describe(outcome.error()),
               was_ended ? ", and it had been ended" : "");
  }
  return wrong;
}

}  // namespace

bool crash(const std::string& folder, int kills) {
  int wrong = 0;
  std::size_t sessions = 0, ended = 0;
  for (int i = 0; i < kills; ++i) {
    const std::string path =
        fmt::format("{}/crash-{}.db", folder, i % 10);  // a file lives through many kills
    Told told;
    {
      Process child([&](Lines& parent) { live(parent, path); });
      child.lines().read();
      ::usleep(static_cast<useconds_t>(random_fraction() * 250'000));
      child.kill();
      read_all(child.lines(), told);
    }
    World world(path, 16);
    wrong += count_wrong(world, told);
    sessions += told.newest.size();
    ended += told.ended.size();
  }
  fmt::print("{} kills: {} sessions, {} of them ended, {} wrong\n", kills, sessions, ended, wrong);
  return wrong == 0 && sessions > 0;
}

}  // namespace gatehouse::test_sessions
