#include "gatehouse/hosting/response_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "gatehouse/base/ascii.h"
#include "gatehouse/hosting/field_text.h"

namespace gatehouse::hosting {
namespace {

bool is_the_connections(std::string_view name) noexcept {
  const auto is = [name](std::string_view other) { return equals_ignoring_case(name, other); };
  switch (name.size()) {
    case 4:
      return is("Date");
    case 10:
      return is("Connection");
    case 11:
      return is("traceparent");
    case 14:
      return is("Content-Length");
    case 17:
      return is("Transfer-Encoding");
    default:
      return false;
  }
}

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, 20> digits;
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), written.ptr);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void append_status_line(std::string& out, int status) {
  if (status == 200) {
    out.append("HTTP/1.1 200 OK\r\n");
    return;
  }
  out.append("HTTP/1.1 ");
  append_number(out, status);
  out.append(" ").append(http::reason_phrase(status)).append("\r\n");
}

}  // namespace

bool is_sendable(const http::Response& response) noexcept {
  if (response.status < 200 || response.status > 599) return false;
  return std::ranges::all_of(response.headers, [](const http::ResponseHeaders::Field& field) {
    return is_token(field.name) && !has_control(field.value);
  });
}

bool wants_close(const http::Response& response) noexcept {
  return std::ranges::any_of(response.headers, [](const http::ResponseHeaders::Field& field) {
    return field.name.size() == 10 && equals_ignoring_case(field.name, "Connection") &&
           equals_ignoring_case(field.value, "close");
  });
}

void append_response(std::string& out, const http::Response& response, const Framing& framing) {
  const bool has_length = response.status != 204 && response.status != 304;
  const bool has_body = has_length && !framing.is_head;
  out.reserve(out.size() + 512 + (has_body ? response.body.size() : 0));
  append_status_line(out, response.status);
  append_field(out, "Date", framing.date);
  for (const http::ResponseHeaders::Field& field : response.headers)
    if (!is_the_connections(field.name)) append_field(out, field.name, field.value);
  if (has_length) {
    out.append("Content-Length: ");
    append_number(out, response.body.size());
    out.append("\r\n");
  }
  if (!framing.traceparent.empty()) append_field(out, "traceparent", framing.traceparent);
  if (!framing.keeps_alive)
    out.append("Connection: close\r\n");
  else if (framing.is_version_1_0)
    out.append("Connection: keep-alive\r\n");
  out.append("\r\n");
  if (has_body) out.append(response.body);
}

}  // namespace gatehouse::hosting
