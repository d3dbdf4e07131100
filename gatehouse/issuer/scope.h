/// Scope — names separated by blanks (RFC 6749 §3.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::issuer {

/// The names, each once, in order; empty when a character is not allowed in one, or there are more than 100.
std::optional<std::vector<std::string>> read_scope(std::string_view text);

/// The inverse. Also for other lists without blanks in their elements.
std::string write_scope(const std::vector<std::string>& names);

bool has_name(const std::vector<std::string>& names, std::string_view name);

/// Whether each of `names` is one of `granted`.
bool is_within(const std::vector<std::string>& names, const std::vector<std::string>& granted);

}  // namespace gatehouse::issuer
