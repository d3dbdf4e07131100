/// Imported hashes — passwords as other systems have stored them: verified, never made. A user who logs in
/// gets one of ours.
///
/// | begins with | is |
/// |---|---|
/// | `AQ`, as base64 | ASP.NET Core Identity v3: PBKDF2 with HMAC-SHA-1, -256 or -512; up to 2,000,000 rounds
/// | | another `A`, as base64 | ASP.NET Identity v2: PBKDF2 with HMAC-SHA-1 and 1,000 rounds | | `$2a$`,
/// `$2b$`, `$2y$` | bcrypt, cost 4 to 14; looks at 72 octets of a password and no more | | `$scrypt$ln=…` |
/// scrypt as a PHC string; up to 256 MiB | | `$7$` | scrypt as crypt(5) has it; up to 256 MiB |
#pragma once

#include <string_view>

#include "gatehouse/base/result.h"

namespace gatehouse::issuer {

/// Whether `password` is the one behind `hash`. Fails with malformed for a text that is none of the above or
/// asks for more than the bounds, and with unavailable for want of memory.
Result<bool> verify_imported(std::string_view password, std::string_view hash);

}  // namespace gatehouse::issuer
