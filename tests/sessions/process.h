/// Process — another one, forked before there are threads, that is told what to do and says what it did by
/// lines.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::test_sessions {

/// The two ends of a child's pipes, as the child has them.
class Lines {
 public:
  Lines(int in, int out) noexcept : in_(in), out_(out) {}
  std::optional<std::string> read();  ///< without its end; nothing at the end of all
  void write(std::string_view line);  ///< at once, in one piece below 4 KiB

 private:
  int in_, out_;
  std::string rest_;
};

class Process {
 public:
  /// Runs `work` in a child, which then exits.
  explicit Process(const std::function<void(Lines& parent)>& work);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();  ///< kills the child

  Lines& lines() noexcept { return *lines_; }
  void kill();  ///< SIGKILL; what it wrote before can still be read

 private:
  void reap();

  pid_t child_ = -1;
  int to_child_ = -1, from_child_ = -1;
  std::optional<Lines> lines_;
};

}  // namespace gatehouse::test_sessions
