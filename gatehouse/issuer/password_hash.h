/// Password hashes — Argon2id as RFC 9106 and OWASP have it: m = 19,456 KiB, t = 2, p = 1.
///
/// One hash takes about 15 ms of CPU and 19 MiB: never on a reactor, always through a bounded pool.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "gatehouse/base/result.h"

namespace gatehouse::issuer {

inline constexpr std::size_t longest_password = 256;  ///< octets; more is refused before any work is done

/// A PHC string "$argon2id$v=19$m=19456,t=2,p=1$…". Fails with too_large, or unavailable when there is no
/// memory.
Result<std::string> hash_password(std::string_view password);

/// Whether `password` is the one behind `hash`. Takes the same time for any wrong one; false for an over-long
/// one.
bool verify_password(std::string_view password, const std::string& hash) noexcept;

/// Whether `hash` was made with other parameters than today's.
bool needs_rehash(const std::string& hash) noexcept;

}  // namespace gatehouse::issuer
