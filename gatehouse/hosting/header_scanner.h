/// HeaderScanner — finds the end of a request's header block as it arrives, and stops at what no block may
/// hold.
///
/// It knows lines, not names: limits, line ends, control characters, folds. Errors are found at their octet,
/// the first one wins, so the verdict is the same however the octets come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gatehouse/hosting/limits.h"

namespace gatehouse::hosting {

/// Why a request is not served: the answer's status, and a fixed word for logs and metrics.
struct Refusal {
  int status = 0;
  std::string_view code = {};
  bool operator==(const Refusal&) const = default;
};

class HeaderScanner {
 public:
  enum class Verdict : std::uint8_t { more, complete, refused };

  explicit HeaderScanner(const Limits& limits) noexcept : limits_(limits) {}
  void reset() noexcept;

  /// `text` is everything from the request's first octet on, each time.
  Verdict advance(std::string_view text) noexcept;

  std::size_t begin() const noexcept { return request_begin_; }  ///< behind one empty line, which is let pass
  std::size_t end() const noexcept { return line_begin_; }       ///< of a complete block
  const Refusal& refusal() const noexcept { return refusal_; }

 private:
  Verdict refuse(int status, std::string_view code) noexcept;
  std::size_t room() const noexcept;
  Verdict check_part(std::string_view line, bool is_complete) noexcept;
  Verdict end_line(std::size_t length) noexcept;
  bool in_request_line() const noexcept { return line_begin_ == request_begin_; }

  const Limits& limits_;
  std::size_t request_begin_ = 0;
  std::size_t fields_begin_ = 0;
  std::size_t line_begin_ = 0;
  std::size_t checked_ = 0;  // of the current line: free of control characters
  std::size_t fields_ = 0;
  Refusal refusal_;
};

}  // namespace gatehouse::hosting
