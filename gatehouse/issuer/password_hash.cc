#include "gatehouse/issuer/password_hash.h"

#include <sodium.h>

#include <array>

namespace gatehouse::issuer {
namespace {

constexpr unsigned long long operations = 2;
constexpr std::size_t memory = 19'456 * std::size_t{1024};

// Picks the implementation for this processor; safe to call from any thread, any number of times.
bool is_ready() noexcept { return sodium_init() >= 0; }

}  // namespace

Result<std::string> hash_password(std::string_view password) {
  if (password.size() > longest_password) return fail(Failure::too_large, "password");
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (!is_ready() || crypto_pwhash_str_alg(text.data(), password.data(), password.size(), operations, memory,
                                           crypto_pwhash_ALG_ARGON2ID13) != 0)
    return fail(Failure::unavailable, "password hashing");
  return std::string(text.data());
}

bool verify_password(std::string_view password, const std::string& hash) noexcept {
  if (password.size() > longest_password || hash.size() >= crypto_pwhash_STRBYTES || !is_ready())
    return false;
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

bool needs_rehash(const std::string& hash) noexcept {
  return hash.size() < crypto_pwhash_STRBYTES && is_ready() &&
         crypto_pwhash_str_needs_rehash(hash.c_str(), operations, memory) != 0;
}

}  // namespace gatehouse::issuer
