/// OtherProcess — a contender that runs in a process of its own and is asked line by line.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include <sys/types.h>

namespace gatehouse::peers {

class OtherProcess {
 public:
  explicit OtherProcess(const std::vector<std::string>& command);
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;
  ~OtherProcess();

  std::string read_line();  ///< throws when the process has ended
  std::string ask(const std::string& line);

 private:
  pid_t pid_ = 0;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

}  // namespace gatehouse::peers
