#include "gatehouse/issuer/password_text.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>

#include "gatehouse/base/secret.h"

namespace gatehouse::issuer {
namespace {

struct Free {
  void operator()(utf8proc_uint8_t* octets) const noexcept { std::free(octets); }
};

std::optional<Secret> map(std::string_view text, int options) {
  utf8proc_uint8_t* raw = nullptr;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &raw, static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, Free> octets(raw);
  if (size < 0) return {};
  Secret mapped(std::string_view(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(size)));
  std::fill_n(static_cast<volatile utf8proc_uint8_t*>(raw), size, utf8proc_uint8_t{0});
  return mapped;
}

}  // namespace

Result<Secret> normalize_password(std::string_view password) {
  auto normal = map(password, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  if (!normal) return fail(Failure::malformed, "password");
  return *std::move(normal);
}

std::string fold(std::string_view text) {
  const auto folded = map(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                                    UTF8PROC_IGNORE | UTF8PROC_STRIPCC);
  return std::string(folded ? folded->reveal() : text);
}

std::string login_name_key(std::string_view name) {
  const std::string folded = fold(name);
  const std::size_t first = folded.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return folded.substr(first, folded.find_last_not_of(' ') - first + 1);
}

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char octet) { return (octet & 0xC0) != 0x80; }));
}

}  // namespace gatehouse::issuer
