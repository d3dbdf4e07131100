/// Password text — passwords and login names as Unicode: what looks alike is compared alike.
///
/// Input is UTF-8 of at most a few hundred octets; callers have capped it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "gatehouse/base/result.h"
#include "gatehouse/base/secret.h"

namespace gatehouse::issuer {

/// The password in Normalization Form C, as RFC 8265 §4.2 has it: whether a keyboard sends "é" as one code
/// point or as two makes no difference. Nothing else is changed. Fails with malformed when it is not UTF-8.
Result<Secret> normalize_password(std::string_view password);

/// Without regard to case, width and what cannot be seen (NFKC_Casefold of Unicode §3.13, without control
/// characters): one key for all spellings of a name that might reach one account. Not UTF-8: as it stands.
std::string fold(std::string_view text);

/// fold(), without the blanks around it.
std::string login_name_key(std::string_view name);

std::size_t count_code_points(std::string_view text);  ///< of UTF-8

}  // namespace gatehouse::issuer
