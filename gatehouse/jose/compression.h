/// Compression — `zip` DEF, raw DEFLATE (RFC 7516 §4.1.3, RFC 1951); private to this room.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "gatehouse/base/result.h"

namespace gatehouse::jose {

std::string deflate(std::string_view octets);

/// Fails with decompression_failed: not one whole DEFLATE stream and nothing else, or more than `most`
/// octets; of those no more than `most` are ever made.
Result<std::string> inflate(std::string_view octets, std::size_t most);

}  // namespace gatehouse::jose
