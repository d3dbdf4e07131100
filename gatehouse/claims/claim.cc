#include "gatehouse/claims/claim.h"

#include <utility>

namespace gatehouse::claims {

std::string_view uri(ValueType type) noexcept {
  switch (type) {
    case ValueType::string:
      return "http://www.w3.org/2001/XMLSchema#string";
    case ValueType::boolean:
      return "http://www.w3.org/2001/XMLSchema#boolean";
    case ValueType::integer32:
      return "http://www.w3.org/2001/XMLSchema#integer32";
    case ValueType::integer64:
      return "http://www.w3.org/2001/XMLSchema#integer64";
    case ValueType::unsigned_integer64:
      return "http://www.w3.org/2001/XMLSchema#uinteger64";
    case ValueType::floating_point:
      return "http://www.w3.org/2001/XMLSchema#double";
    case ValueType::date_time:
      return "http://www.w3.org/2001/XMLSchema#dateTime";
    case ValueType::json:
      return "JSON";
    case ValueType::json_array:
      return "JSON_ARRAY";
    case ValueType::json_null:
      return "JSON_NULL";
  }
  std::unreachable();
}

}  // namespace gatehouse::claims
