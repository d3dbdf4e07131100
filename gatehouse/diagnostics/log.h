/// Log — one JSON object a line, for people and for machines that collect lines.
///
/// Values are data, never part of a format, so nothing a client sends can forge a line or a field. What must
/// never be logged (tokens, secrets, passwords) is the caller's duty; the log only knows text.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gatehouse/base/clock.h"

namespace gatehouse::diagnostics {

enum class Level : std::uint8_t { debug, information, warning, error };

struct Field {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, bool> value;
};

class Log {
 public:
  using Sink =
      std::function<void(Level, std::string_view line)>;  ///< called by any thread; the line has no newline

  /// Writes to standard error through a queue that one thread empties, so that no reactor waits for a
  /// terminal.
  explicit Log(const Clock& clock, Level threshold = Level::information);
  Log(const Clock& clock, Level threshold, Sink sink);  ///< for tests and for other log systems
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// {"time":…,"level":…,"event":…, the fields that are not empty}. An event is a short fixed name:
  /// "request_denied".
  void write(Level level, std::string_view event, const std::vector<Field>& fields) const;

  void information(std::string_view event, const std::vector<Field>& fields = {}) const;
  void warning(std::string_view event, const std::vector<Field>& fields = {}) const;
  void error(std::string_view event, const std::vector<Field>& fields = {}) const;

  bool enabled(Level level) const noexcept { return level >= threshold_; }
  void flush() const;  ///< waits until everything written so far is out

 private:
  struct Output;
  const Clock& clock_;
  Level threshold_;
  Sink sink_;
  std::unique_ptr<Output> output_;
};

std::string_view name(Level level) noexcept;  ///< "information"

}  // namespace gatehouse::diagnostics
