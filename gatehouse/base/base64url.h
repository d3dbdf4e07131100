/// base64url — RFC 4648 §5 as JOSE uses it: no padding, no blanks, no stray bits (RFC 7515 §2).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::base64url {

std::string encode(std::string_view octets);
std::string encode_padded(
    std::string_view octets);  ///< in the other alphabet, with padding (RFC 4648 §4): what HTTP Basic sends
void append(std::string& out, std::string_view octets);  ///< encodes onto the end of `out`

/// The octets of `text`, or nothing when it is not canonical base64url: a character outside the alphabet,
/// padding, white space, a length of 4n+1, or bits that are set beyond the last octet.
std::optional<std::string> decode(std::string_view text);

/// Octets that a text of `length` characters decodes to.
constexpr std::size_t decoded_size(std::size_t length) { return length / 4 * 3 + (length % 4 * 3) / 4; }

/// Decodes into `out`, which has room for decoded_size(text.size()) octets; false as
/// decode() gives nothing. Allocates nothing.
bool decode_to(std::string_view text, char* out) noexcept;

}  // namespace gatehouse::base64url
