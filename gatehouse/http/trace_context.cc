#include "gatehouse/http/trace_context.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "gatehouse/base/ascii.h"
#include "gatehouse/base/random.h"

namespace gatehouse::http {
namespace {

constexpr std::size_t trace_id_length = 32;
constexpr std::size_t span_id_length = 16;
constexpr std::size_t traceparent_length = 55;  // "00-" trace "-" span "-" flags
constexpr std::size_t longest_correlation_id = 128;

// xoshiro256** (Blackman, Vigna), seeded once a thread: identifiers have to be unique, not hard to guess.
class Generator {
 public:
  Generator() {
    const std::string seed = random_octets(sizeof state_);
    std::memcpy(state_.data(), seed.data(), sizeof state_);
  }

  std::uint64_t next() noexcept {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

 private:
  std::array<std::uint64_t, 4> state_{};
};

void append_hex(std::string& out, std::uint64_t value) {
  std::array<char, 16> digits;
  for (std::size_t i = digits.size(); i-- > 0; value >>= 4) digits[i] = "0123456789abcdef"[value & 0xf];
  out.append(digits.data(), digits.size());
}

// An identifier of zeros only means "none" (W3C Trace Context §3.2.2.3), so it is never made.
std::uint64_t make_part() {
  thread_local Generator generator;
  std::uint64_t part = generator.next();
  while (part == 0) part = generator.next();
  return part;
}

bool is_lower_hex(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_identifier(std::string_view text) noexcept {
  return is_lower_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

// Takes over the caller's trace; false for anything that is not a traceparent (§3.2.2, §4.3 for later
// versions).
bool adopt(std::string_view header, TraceContext& trace) {
  if (header.size() < traceparent_length) return false;
  const std::string_view version = header.substr(0, 2);
  const bool has_room_for_more = version != "00";
  if (!is_lower_hex(version) || version == "ff") return false;
  if (header.size() > traceparent_length && (!has_room_for_more || header[traceparent_length] != '-'))
    return false;
  if (header[2] != '-' || header[35] != '-' || header[52] != '-') return false;
  const std::string_view trace_id = header.substr(3, trace_id_length);
  const std::string_view parent = header.substr(36, span_id_length);
  const std::string_view flags = header.substr(53, 2);
  if (!is_identifier(trace_id) || !is_identifier(parent) || !is_lower_hex(flags)) return false;
  trace.trace_id = trace_id;
  trace.parent_span_id = parent;
  trace.sampled = (flags[1] - (flags[1] >= 'a' ? 'a' - 10 : '0')) & 1;
  return true;
}

// Goes into log lines, so anything but printable ASCII, or something longer than an identifier, counts as
// none.
bool is_correlation_id(std::string_view text) noexcept {
  return text.size() <= longest_correlation_id &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

std::string TraceContext::traceparent() const {
  std::string header;
  header.reserve(traceparent_length);
  header.append("00-").append(trace_id).append("-").append(span_id).append(sampled ? "-01" : "-00");
  return header;
}

TraceContext make_trace_context(const RequestHeaders& headers) {
  TraceContext trace;
  std::size_t parents = 0;
  std::string_view parent;
  std::string_view correlation_id;
  std::string_view request_id;
  for (const RequestHeaders::Field& field : headers) {
    if (equals_ignoring_case(field.name, "traceparent")) {
      parent = field.value;
      ++parents;
    } else if (correlation_id.empty() && equals_ignoring_case(field.name, "X-Correlation-ID")) {
      correlation_id = field.value;
    } else if (request_id.empty() && equals_ignoring_case(field.name, "X-Request-ID")) {
      request_id = field.value;
    }
  }
  if (parents != 1 || !adopt(parent, trace)) {
    trace.trace_id.reserve(trace_id_length);
    append_hex(trace.trace_id, make_part());
    append_hex(trace.trace_id, make_part());
  }
  append_hex(trace.span_id, make_part());
  const std::string_view chosen = correlation_id.empty() ? request_id : correlation_id;
  if (is_correlation_id(chosen)) trace.correlation_id = chosen;
  return trace;
}

}  // namespace gatehouse::http
