// sessions race --rounds N | crash --kills N | restore --kills N: exit 0 when every promise holds.

#include <cstdlib>
#include <string>

#include "tests/sessions/world.h"
#include "tests/support/temporary_folder.h"

int main(int argc, char** argv) {
  using namespace gatehouse::test_sessions;
  if (argc != 4) {
    fmt::print(stderr,
               "usage: sessions race --rounds N | sessions crash --kills N | sessions restore --kills N\n");
    return 2;
  }
  const gatehouse::test_support::TemporaryFolder temporary;
  const std::string& folder = temporary.path();
  const std::string what = argv[1];
  const int count = std::atoi(argv[3]);
  const bool is_all_right = what == "race"      ? race(folder, count)
                            : what == "restore" ? restore(folder, count)
                                                : crash(folder, count);
  return is_all_right ? 0 : 1;
}
