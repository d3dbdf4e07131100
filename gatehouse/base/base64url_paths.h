/// The ways to decode base64url; private to this room, so that a test can hold one against the other.
#pragma once

#include <cstddef>
#include <string_view>

namespace gatehouse::base64url {

/// decode_to() for any machine.
bool decode_portably(std::string_view text, char* out) noexcept;

/// Whether this machine can run decode_by_vectors().
bool has_vectors() noexcept;

/// Shorter texts than this are not worth a vector.
inline constexpr std::size_t vector_characters = 32;

/// decode_to() with AVX2, for texts of at least vector_characters;
/// decode_portably() where has_vectors() says no.
bool decode_by_vectors(std::string_view text, char* out) noexcept;

}  // namespace gatehouse::base64url
