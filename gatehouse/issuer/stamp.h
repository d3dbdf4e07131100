/// Stamp — a random name and when it was drawn, under a tag that binds both to a purpose and to a text: what
/// the issuer gave, it knows again without having kept it. Private to this room.
///
///   base64url(name 16 | seconds 8 | HMAC-SHA-256 32), 75 characters
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/secret.h"

namespace gatehouse::issuer {

/// `purpose` keeps the tag apart from all others that are made with the same key.
std::string make_stamp(const Secret& key, std::string_view purpose, std::string_view bound_to, Instant now);

/// The name, 16 octets, when the stamp was made so and within `lifetime` before `now`.
std::optional<std::string> read_stamp(std::string_view stamp, const Secret& key, std::string_view purpose,
                                      std::string_view bound_to, Instant now, Seconds lifetime);

}  // namespace gatehouse::issuer
