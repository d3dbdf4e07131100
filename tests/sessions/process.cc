#include "tests/sessions/process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace gatehouse::test_sessions {

std::optional<std::string> Lines::read() {
  for (;;) {
    if (const auto end = rest_.find('\n'); end != std::string::npos) {
      std::string line = rest_.substr(0, end);
      rest_.erase(0, end + 1);
      return line;
    }
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(in_, buffer.data(), buffer.size());
    if (count <= 0) return std::nullopt;
    rest_.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

void Lines::write(std::string_view line) {
  const std::string whole = std::string(line) + '\n';
  if (::write(out_, whole.data(), whole.size()) != static_cast<ssize_t>(whole.size())) std::_Exit(3);
}

Process::Process(const std::function<void(Lines& parent)>& work) {
  std::array<int, 2> down{}, up{};
  if (::pipe2(down.data(), O_CLOEXEC) != 0 || ::pipe2(up.data(), O_CLOEXEC) != 0) std::abort();
  std::fflush(nullptr);
  child_ = ::fork();
  if (child_ < 0) std::abort();
  if (child_ == 0) {
    ::close(down[1]);
    ::close(up[0]);
    Lines parent(down[0], up[1]);
    work(parent);
    std::_Exit(0);
  }
  ::close(down[0]);
  ::close(up[1]);
  to_child_ = down[1];
  from_child_ = up[0];
  lines_.emplace(from_child_, to_child_);
}

Process::~Process() { reap(); }

void Process::kill() {
  if (child_ > 0) ::kill(child_, SIGKILL);
}

void Process::reap() {
  if (child_ <= 0) return;
  kill();  // closing would not do: a child that was forked later has the same pipe
  ::waitpid(child_, nullptr, 0);
  ::close(to_child_);
  ::close(from_child_);
  child_ = -1;
}

}  // namespace gatehouse::test_sessions
