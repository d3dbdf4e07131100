// sessions race --rounds N | crash --kills N: exit 0 when every promise holds.

#include <cstring>
#include <filesystem>

#include "tests/sessions/world.h"

int main(int argc, char** argv) {
  using namespace gatehouse::test_sessions;
  if (argc != 4) {
    fmt::print(stderr, "usage: sessions race --rounds N | sessions crash --kills N\n");
    return 2;
  }
  std::string folder = std::filesystem::temp_directory_path() / "gatehouse_sessions_XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return 3;
  const bool is_race = std::strcmp(argv[1], "race") == 0;
  const bool is_all_right = is_race ? race(folder, std::atoi(argv[3])) : crash(folder, std::atoi(argv[3]));
  std::filesystem::remove_all(folder);
  return is_all_right ? 0 : 1;
}
