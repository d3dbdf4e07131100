/// JSON — strict reading (RFC 8259, I-JSON's rules on top) and one small writer.
///
/// Reading refuses what a signature check must never depend on: duplicate members, bytes
/// after the root, invalid UTF-8, integers beyond 64 bits, numbers beyond a double, and
/// nesting or member counts over the caps.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "gatehouse/base/result.h"

namespace gatehouse::json {

enum class Kind : std::uint8_t { null, boolean, integer, unsigned_integer, number, string, array, object };

/// A view of one value of a parsed document. Cheap to copy; valid until its Parser parses again or goes.
class Value {
 public:
  Kind kind() const noexcept;

  // Each of these may be called only for its kind; see `is_…` above a switch on kind().
  bool as_bool() const noexcept;
  std::int64_t as_integer() const noexcept;     ///< Kind::integer: fits std::int64_t
  std::uint64_t as_unsigned() const noexcept;   ///< Kind::unsigned_integer: above the largest std::int64_t
  double as_double() const noexcept;            ///< any of the three number kinds
  std::string_view as_string() const noexcept;  ///< unescaped UTF-8

  bool is_string() const noexcept { return kind() == Kind::string; }
  bool is_object() const noexcept { return kind() == Kind::object; }
  bool is_array() const noexcept { return kind() == Kind::array; }
  bool is_number() const noexcept;

  std::size_t size() const noexcept;                                ///< members or elements
  std::optional<Value> find(std::string_view name) const noexcept;  ///< of an object; nothing otherwise
  std::optional<std::string_view> find_string(std::string_view name) const noexcept;

  /// The value as compact JSON text, numbers and escapes in one canonical spelling.
  std::string dump() const;

  class Iterator;
  Iterator begin() const noexcept;  ///< over an array's elements or an object's members, in order
  Iterator end() const noexcept;

 private:
  friend class Parser;
  friend class Iterator;
  [[maybe_unused]] const void* document_ = nullptr;  // json.cc reads both as one element of the library
  [[maybe_unused]] std::size_t position_ = 0;
};

class Value::Iterator {
 public:
  std::string_view name() const noexcept;  ///< of the member; empty in an array
  Value operator*() const noexcept;
  Iterator& operator++() noexcept;
  bool operator==(const Iterator& other) const noexcept { return position_ == other.position_; }

 private:
  friend class Value;
  const void* document_ = nullptr;
  std::size_t position_ = 0;
  bool in_object_ = false;
};

struct Limits {
  std::size_t octets = 1 << 20;
  std::size_t depth = 64;
  std::size_t members = 256;  ///< of any one object
};

/// One member of an object or element of an array, as it stood in the text.
struct Item {
  std::string_view name;  ///< unescaped; empty in an array
  Value value;
  Kind kind = Kind::null;
  std::string_view text;  ///< a string's characters, unescaped; of any other kind, its source text
};

/// Owns the memory of one document and reuses it for the next: keep one a thread.
class Parser {
 public:
  Parser();
  ~Parser();
  Parser(Parser&&) noexcept;
  Parser& operator=(Parser&&) noexcept;

  /// The root value. Fails with malformed, duplicate_member (subject: the name), too_deep or too_large.
  Result<Value> parse(std::string_view text, const Limits& limits = {});

  /// Members or elements of the root that was parsed last, in order; valid as its Value is. Their strings lie
  /// behind one another in memory, as all strings of a document do.
  std::span<const Item> items() const noexcept;

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

/// Writes JSON text from left to right. Commas and colons come by themselves.
class Writer {
 public:
  Writer& begin_object() { return open('{'); }
  Writer& end_object() { return close('}'); }
  Writer& begin_array() { return open('['); }
  Writer& end_array() { return close(']'); }
  Writer& name(std::string_view name);

  Writer& value(std::string_view text);
  Writer& value(const char* text) { return value(std::string_view(text)); }
  Writer& value(bool flag);
  Writer& value(double number);
  template <std::signed_integral T>
  Writer& value(T number) {
    return integer(number);
  }
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  Writer& value(T number) {
    return unsigned_integer(number);
  }
  Writer& null();
  Writer& raw(std::string_view json);  ///< text that is JSON already

  template <class T>
  Writer& member(std::string_view member_name, const T& member_value) {
    name(member_name);
    return value(member_value);
  }

  std::string take() && { return std::move(text_); }
  std::string_view text() const noexcept { return text_; }

 private:
  Writer& open(char bracket);
  Writer& close(char bracket);
  Writer& integer(std::int64_t number);
  Writer& unsigned_integer(std::uint64_t number);
  void separate();

  std::string text_;
  bool needs_comma_ = false;
};

/// A value of object(): text, a number, a truth value, or nothing.
class Scalar {
 public:
  Scalar(const char* text) : value_(std::string_view(text)) {}         // NOLINT(google-explicit-constructor)
  Scalar(std::string_view text) : value_(text) {}                      // NOLINT(google-explicit-constructor)
  Scalar(const std::string& text) : value_(std::string_view(text)) {}  // NOLINT(google-explicit-constructor)
  Scalar(std::optional<std::string_view> text) {                       // NOLINT(google-explicit-constructor)
    if (text) value_ = *text;
  }
  Scalar(bool flag) : value_(flag) {}        // NOLINT(google-explicit-constructor)
  Scalar(double number) : value_(number) {}  // NOLINT(google-explicit-constructor)
  template <std::signed_integral T>
  Scalar(T number) : value_(std::int64_t{number}) {}  // NOLINT(google-explicit-constructor)
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  Scalar(T number) : value_(std::uint64_t{number}) {}  // NOLINT(google-explicit-constructor)

  void write_to(Writer& writer) const;

 private:
  std::variant<std::monostate, std::string_view, bool, double, std::int64_t, std::uint64_t> value_;
};

/// `{"for":"ada","count":2}`: the members in order. What is nothing is null.
std::string object(std::initializer_list<std::pair<std::string_view, Scalar>> members);

/// `text` as a JSON string with its quotes: control characters and the two
/// specials escaped, the rest as it is.
std::string quote(std::string_view text);

}  // namespace gatehouse::json
