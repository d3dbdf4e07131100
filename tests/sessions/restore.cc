// A backup is made of what a process works with, the process is killed, and the backup is put back, with the
// database that was there or without it: nothing that was ended lives again, and no token that was used up
// since is good for anything.

#include <unistd.h>

#include <filesystem>

#include "gatehouse/base/random.h"
#include "gatehouse/stores/sqlite_maintenance.h"
#include "tests/sessions/life.h"

namespace gatehouse::test_sessions {
namespace {

using issuer::Rotation;

constexpr int all_refreshes = 3;  // that live() makes

void pause() { ::usleep(static_cast<useconds_t>(random_fraction() * 150'000)); }

Rotation shown(World& world, const std::string& token) {
  const auto outcome = wait_for(world.sessions.refresh(World::request(token)));
  if (outcome) return outcome->decided;
  fmt::print(stderr, "sessions: {}\n", describe(outcome.error()));
  std::exit(3);
}

struct Counts {
  int wrong = 0, ended = 0, carried_on = 0, lost = 0;
};

// The thief comes first, with the token of the login, which was used up if the last refresh was told of.
void count(World& world, const Told& told, bool has_old, Counts& counts) {
  for (const auto& [sid, newest] : told.newest) {
    const auto refreshes = told.refreshes.find(sid);
    const bool was_used_up = refreshes != told.refreshes.end() && refreshes->second == all_refreshes;
    const bool was_ended = told.ended.contains(sid);
    const bool is_stolen = was_used_up && issuer::is_granted(shown(world, told.first.at(sid)));
    const Rotation decided = shown(world, newest);
    const bool lives = issuer::is_granted(decided);
    const bool is_lost = decided == Rotation::unknown || decided == Rotation::dead;
    // Dead, with the old database, and not told of: it had been ended, and the child had no time to say so.
    const bool may_be_lost = was_ended || !has_old || decided == Rotation::dead;
    const bool is_right = !is_stolen && (lives ? !was_ended : is_lost && may_be_lost);
    counts.ended += was_ended;
    counts.carried_on += lives;
    counts.lost += !lives && !was_ended;
    if (is_right) continue;
    ++counts.wrong;
    fmt::print("  {}: {}{}\n", sid, name(decided),
               is_stolen   ? ", and an old token was good"
               : was_ended ? ", and it had been ended"
                           : "");
  }
}

bool live_and_restore(const std::string& path, bool has_old, Counts& counts) {
  Told told;
  const std::string backup = path + ".backup";
  {
    Process child([&](Lines& parent) { live(parent, path); });
    child.lines().read();
    pause();
    const auto made = stores::back_up(path, backup, SystemClock().now());
    if (!made) fmt::print("  no backup: {}\n", made.error().subject);
    pause();
    child.kill();
    read_all(child.lines(), told);
    if (!made) return false;
  }
  if (!has_old)
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
  const auto report = stores::restore(backup, path, SystemClock().now());
  if (!report) {
    fmt::print("  not restored: {}\n", report.error().subject);
    return false;
  }
  if (report->has_used_old != has_old || !report->has_used_journal) {
    fmt::print("  the old database was {}believed, the journal {}\n", report->has_used_old ? "" : "not ",
               report->has_used_journal ? "whole" : "not");
    return false;
  }
  World world(path, 16);
  count(world, told, has_old, counts);
  return true;
}

}  // namespace

bool restore(const std::string& folder, int kills) {
  Counts counts;
  bool is_right = true;
  for (int i = 0; i < kills; ++i)
    is_right &= live_and_restore(fmt::format("{}/restore-{}.db", folder, i), i % 2 == 0, counts);
  fmt::print("{} restores: {} sessions went on, {} stayed ended, {} have to log in again, {} wrong\n", kills,
             counts.carried_on, counts.ended, counts.lost, counts.wrong);
  return is_right && counts.wrong == 0 && counts.ended > 0;
}

}  // namespace gatehouse::test_sessions
