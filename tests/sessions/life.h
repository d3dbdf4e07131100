/// A process that logs in, refreshes and logs out, over and over, and says what it was told.
#pragma once

#include <map>
#include <set>
#include <string>

#include "tests/sessions/process.h"
#include "tests/sessions/world.h"

namespace gatehouse::test_sessions {

/// What the child was told, line by line, each written after it was acknowledged.
struct Told {
  std::map<std::string, std::string> newest;  // refresh token by sid
  std::map<std::string, std::string> first;   // the one that the login gave
  std::map<std::string, int> refreshes;
  std::set<std::string> ended;  // sid
};

/// Does not return.
void live(Lines& parent, const std::string& path);

/// Reads until the child is gone.
void read_all(Lines& from, Told& told);

}  // namespace gatehouse::test_sessions
