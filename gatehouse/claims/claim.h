/// Claim — one statement about a subject: a type, a value, and who said so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::claims {

/// What the value was before it became text. The original names these by URI; see uri().
enum class ValueType : std::uint8_t {
  string,
  boolean,
  integer32,
  integer64,
  unsigned_integer64,
  floating_point,
  date_time,
  json,        ///< an object, as its source text
  json_array,  ///< an array inside an array, as its source text
  json_null,   ///< null; the value is ""
};

std::string_view uri(ValueType type) noexcept;

/// The issuer of a claim that the application made itself.
inline constexpr std::string_view local_authority = "LOCAL AUTHORITY";

struct Claim {
  std::string type;
  std::string value;
  ValueType value_type = ValueType::string;
  std::string issuer = std::string(local_authority);
  std::string original_issuer = {};  ///< who said it first; empty when that is `issuer`
  std::string short_type = {};       ///< the JWT name before inbound mapping; empty when it was not mapped

  bool operator==(const Claim&) const = default;
};

}  // namespace gatehouse::claims
