#include "gatehouse/hosting/header_scanner.h"

#include <algorithm>
#include <cstring>

namespace gatehouse::hosting {
namespace {

// Has no branch an octet, so that the compiler takes many at once: this reads everything that clients send.
bool has_control(std::string_view text) noexcept {
  bool found = false;
  for (const char c : text) {
    const auto octet = static_cast<std::uint8_t>(c);
    found |= (octet < 0x20 && octet != '\t') || octet == 0x7f;
  }
  return found;
}

std::size_t find_newline(std::string_view text, std::size_t from) noexcept {
  const void* found =
      from < text.size() ? std::memchr(text.data() + from, '\n', text.size() - from) : nullptr;
  return found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data())
               : std::string_view::npos;
}

}  // namespace

void HeaderScanner::reset() noexcept {
  request_begin_ = fields_begin_ = line_begin_ = checked_ = fields_ = 0;
}

HeaderScanner::Verdict HeaderScanner::refuse(int status, std::string_view code) noexcept {
  refusal_ = {.status = status, .code = code};
  return Verdict::refused;
}

// Octets that the current line may have, its line end included.
std::size_t HeaderScanner::room() const noexcept {
  if (in_request_line()) return limits_.request_line + 2;
  return limits_.header_block - std::min(limits_.header_block, line_begin_ - fields_begin_);
}

HeaderScanner::Verdict HeaderScanner::advance(std::string_view text) noexcept {
  for (;;) {
    const std::size_t allowed = room();
    const std::string_view rest = text.substr(line_begin_);
    const std::size_t newline = find_newline(rest.substr(0, allowed), checked_);
    const bool is_complete = newline != std::string_view::npos;
    const std::string_view line = rest.substr(0, is_complete ? newline : allowed);
    if (check_part(line, is_complete) == Verdict::refused) return Verdict::refused;
    if (!is_complete) {
      if (rest.size() < allowed) return Verdict::more;
      return in_request_line() ? refuse(414, "request_line_too_long") : refuse(431, "header_too_large");
    }
    if (const Verdict verdict = end_line(newline - 1); verdict != Verdict::more) return verdict;
  }
}

// `line` is what there is of the current line, without its newline. A CR at the end of an incomplete one may
// still turn out to be a line end; anywhere else it is an octet that other servers take for one (RFC 9112
// §2.2).
HeaderScanner::Verdict HeaderScanner::check_part(std::string_view line, bool is_complete) noexcept {
  if (!line.empty() && !in_request_line() && (line.front() == ' ' || line.front() == '\t'))
    return refuse(400, "folded_header");
  const std::size_t end = line.size() - (line.ends_with('\r') ? 1 : 0);
  if (has_control(line.substr(checked_, end - checked_))) return refuse(400, "control_character");
  if (is_complete && !line.ends_with('\r')) return refuse(400, "bare_line_feed");
  checked_ = end;
  return Verdict::more;
}

// A line of `length` octets, without its line end, is there as a whole.
HeaderScanner::Verdict HeaderScanner::end_line(std::size_t length) noexcept {
  const std::size_t next = line_begin_ + length + 2;
  const bool was_request_line = in_request_line();
  line_begin_ = next;
  checked_ = 0;
  if (was_request_line) {
    if (length == 0) {  // some clients end a body with a line end that is not part of it (RFC 9112 §2.2)
      if (request_begin_ > 0) return refuse(400, "request_line_invalid");
      request_begin_ = next;
    }
    fields_begin_ = next;
    return Verdict::more;
  }
  if (length == 0) return Verdict::complete;
  if (++fields_ > limits_.header_fields) return refuse(431, "too_many_header_fields");
  return Verdict::more;
}

}  // namespace gatehouse::hosting
