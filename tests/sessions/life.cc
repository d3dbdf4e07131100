#include "tests/sessions/life.h"

namespace gatehouse::test_sessions {

using stores::SessionEnd;
using stores::SessionSelection;

void live(Lines& parent, const std::string& path) {
  World world(path, 16);
  parent.write("ready");
  for (int i = 0;; ++i) {
    auto started = wait_for(world.sessions.start({.user_id = "ada", .client_id = "web", .scope = "read"}));
    if (!started) std::_Exit(4);
    const std::string& sid = started->session.sid;
    parent.write(fmt::format("newest {} {}", sid, started->refresh_token));
    std::string token = started->refresh_token;
    for (int generation = 0; generation < 3; ++generation) {
      auto outcome = wait_for(world.sessions.refresh(World::request(token)));
      if (!outcome || !issuer::is_granted(outcome->decided)) std::_Exit(4);
      token = outcome->refresh_token;
      parent.write(fmt::format("newest {} {}", sid, token));
    }
    if (i % 2 == 0) continue;
    if (!wait_for(world.sessions.end({.by = SessionSelection::By::sid, .value = sid}, SessionEnd::logout)))
      std::_Exit(4);
    parent.write("ended " + sid);
  }
}

void read_all(Lines& from, Told& told) {
  while (const auto line = from.read()) {
    const auto sid = line->substr(line->find(' ') + 1);
    if (line->starts_with("ended ")) told.ended.insert(sid);
    if (!line->starts_with("newest ")) continue;
    const std::string one = sid.substr(0, sid.find(' '));
    const std::string token = sid.substr(sid.find(' ') + 1);
    told.newest[one] = token;
    if (told.first.try_emplace(one, token).second) continue;
    ++told.refreshes[one];
  }
}

}  // namespace gatehouse::test_sessions
