#include "gatehouse/base/json.h"

#include <fmt/format.h>

#include <cmath>

namespace gatehouse::json {
namespace {

void append_escaped(std::string& out, unsigned char octet) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += "\\u00";
  out += hex[octet >> 4];
  out += hex[octet & 15];
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
          append_escaped(out, static_cast<unsigned char>(c));
        else
          out += c;
    }
  }
  out += '"';
}

// The length of the well-formed UTF-8 sequence at the head of `text`, or 0 (RFC 3629 §4).
std::size_t sequence_length(std::string_view text) noexcept {
  const auto octet = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return octet(i) >= low && octet(i) <= high;
  };
  const unsigned lead = octet(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF)
    return continues(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF) && continues(2) ? 3 : 0;
  if (lead >= 0xF0 && lead <= 0xF4)
    return continues(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF) && continues(2) &&
                   continues(3)
               ? 4
               : 0;
  return 0;
}

// What is written is JSON whatever comes in: octets that are no UTF-8 become U+FFFD, one for each.
std::string to_utf8(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    clean += length ? text.substr(0, length) : "\uFFFD";
    text.remove_prefix(length ? length : 1);
  }
  return clean;
}

bool is_ascii(std::string_view text) noexcept {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  return true;
}

}  // namespace

std::string quote(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  if (is_ascii(text))
    append_quoted(out, text);
  else
    append_quoted(out, to_utf8(text));
  return out;
}

void Writer::separate() {
  if (needs_comma_) text_ += ',';
  needs_comma_ = false;
}

Writer& Writer::open(char bracket) {
  separate();
  text_ += bracket;
  return *this;
}

Writer& Writer::close(char bracket) {
  text_ += bracket;
  needs_comma_ = true;
  return *this;
}

Writer& Writer::name(std::string_view name) {
  separate();
  text_ += quote(name);
  text_ += ':';
  return *this;
}

Writer& Writer::value(std::string_view text) { return raw(quote(text)); }
Writer& Writer::value(bool flag) { return raw(flag ? "true" : "false"); }
Writer& Writer::null() { return raw("null"); }

// JSON has no infinity and no NaN (RFC 8259 §6); null says that there is no number.
Writer& Writer::value(double number) {
  return std::isfinite(number) ? raw(fmt::format("{}", number)) : null();
}

Writer& Writer::integer(std::int64_t number) { return raw(fmt::format_int(number).c_str()); }
Writer& Writer::unsigned_integer(std::uint64_t number) { return raw(fmt::format_int(number).c_str()); }

Writer& Writer::raw(std::string_view json) {
  separate();
  text_ += json;
  needs_comma_ = true;
  return *this;
}

void Scalar::write_to(Writer& writer) const {
  std::visit(
      [&writer](const auto& value) {
        if constexpr (std::same_as<std::remove_cvref_t<decltype(value)>, std::monostate>)
          writer.null();
        else
          writer.value(value);
      },
      value_);
}

std::string object(std::initializer_list<std::pair<std::string_view, Scalar>> members) {
  Writer writer;
  writer.begin_object();
  for (const auto& [name, value] : members) value.write_to(writer.name(name));
  writer.end_object();
  return std::move(writer).take();
}

}  // namespace gatehouse::json
