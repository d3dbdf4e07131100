#include "gatehouse/issuer/imported_hash.h"

#include <crypt.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "gatehouse/base/secret.h"
#include "gatehouse/issuer/hash_text.h"

namespace gatehouse::issuer {
namespace {

constexpr std::uint64_t most_memory = std::uint64_t{256} << 20;
constexpr std::uint64_t most_scrypt_work = std::uint64_t{1} << 22;  // N · r · p: a second or two
constexpr std::uint32_t most_rounds = 2'000'000;

std::unexpected<Error> unreadable() { return fail(Failure::malformed, "password hash"); }
std::unexpected<Error> no_memory() { return fail(Failure::unavailable, "password hashing"); }

// --- PBKDF2 of ASP.NET
// ----------------------------------------------------------------------------------------

struct Pbkdf2 {
  const EVP_MD* digest;
  std::uint32_t rounds;
  std::string_view salt;
  std::string_view key;
};

std::uint32_t big_endian(std::string_view octets) {
  std::uint32_t value = 0;
  for (const char octet : octets) value = value << 8 | static_cast<unsigned char>(octet);
  return value;
}

// One octet of the version; in version 3 the function, the rounds and the size of the salt, four octets each;
// salt; key (PasswordHasher.cs).
std::optional<Pbkdf2> read_identity(std::string_view octets) {
  if (octets.size() == 49 && octets.front() == 0)
    return Pbkdf2{
        .digest = EVP_sha1(), .rounds = 1000, .salt = octets.substr(1, 16), .key = octets.substr(17)};
  if (octets.size() < 13 || octets.front() != 1) return {};
  const std::uint32_t function = big_endian(octets.substr(1, 4));
  const std::uint32_t rounds = big_endian(octets.substr(5, 4));
  const std::uint32_t salt_size = big_endian(octets.substr(9, 4));
  const std::string_view rest = octets.substr(13);
  if (function > 2 || rounds < 1 || rounds > most_rounds) return {};
  if (salt_size < 16 || salt_size > 64 || rest.size() < salt_size + 16 || rest.size() > salt_size + 64)
    return {};
  const EVP_MD* digest = function == 0 ? EVP_sha1() : function == 1 ? EVP_sha256() : EVP_sha512();
  return Pbkdf2{
      .digest = digest, .rounds = rounds, .salt = rest.substr(0, salt_size), .key = rest.substr(salt_size)};
}

Result<bool> verify_identity(std::string_view password, std::string_view hash) {
  while (hash.ends_with('=')) hash.remove_suffix(1);
  const auto octets = from_base64(hash);
  const auto stored = octets ? read_identity(*octets) : std::nullopt;
  if (!stored) return unreadable();
  std::string key(stored->key.size(), '\0');
  if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                        reinterpret_cast<const unsigned char*>(stored->salt.data()),
                        static_cast<int>(stored->salt.size()), static_cast<int>(stored->rounds),
                        stored->digest, static_cast<int>(key.size()),
                        reinterpret_cast<unsigned char*>(key.data())) != 1)
    return no_memory();
  return equal_in_constant_time(key, stored->key);
}

// --- crypt(5)
// -------------------------------------------------------------------------------------------------

Result<bool> verify_crypt(std::string_view password, std::string_view hash) {
  // A C string would end at the first NUL, and so would the password.
  if (password.contains('\0')) return false;
  const auto data = std::make_unique<crypt_data>();
  std::string phrase(password);
  const std::string setting(hash);
  const char* made = crypt_r(phrase.c_str(), setting.c_str(), data.get());
  wipe(phrase);
  if (!made || *made == '*') return no_memory();
  return equal_in_constant_time(made, hash);
}

// "$2b$", two digits of the cost, '$', 22 characters of salt and 31 of the hash.
bool is_bcrypt_within_bounds(std::string_view hash) {
  const std::string_view cost = hash.substr(4, 2);
  return hash.size() == 60 && hash[6] == '$' && cost >= "04" && cost <= "14" && cost[1] >= '0' &&
         cost[1] <= '9';
}

// Digits of crypt(5), the lowest six bits first.
std::optional<std::uint32_t> crypt_number(std::string_view digits) {
  constexpr std::string_view alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const std::size_t digit = alphabet.find(digits[i]);
    if (digit == std::string_view::npos) return {};
    value |= static_cast<std::uint32_t>(digit) << (6 * i);
  }
  return value;
}

struct Scrypt {
  std::uint32_t log_n;
  std::uint32_t r;
  std::uint32_t p;
};

bool is_within_bounds(const Scrypt& scrypt) {
  if (scrypt.log_n < 1 || scrypt.log_n > 21 || scrypt.r < 1 || scrypt.r > 1024 || scrypt.p < 1 ||
      scrypt.p > 1024)
    return false;
  const std::uint64_t memory = std::uint64_t{128} * scrypt.r << scrypt.log_n;
  const std::uint64_t work = std::uint64_t{scrypt.r} * scrypt.p << scrypt.log_n;
  return memory <= most_memory && work <= most_scrypt_work;
}

// "$7$", one digit of log N, five of r, five of p, salt, '$', 43 characters.
bool is_crypt_scrypt_within_bounds(std::string_view hash) {
  if (hash.size() < 14 + 44 || hash.size() > 128) return false;
  const auto log_n = crypt_number(hash.substr(3, 1));
  const auto r = crypt_number(hash.substr(4, 5));
  const auto p = crypt_number(hash.substr(9, 5));
  return log_n && r && p && is_within_bounds({.log_n = *log_n, .r = *r, .p = *p});
}

// --- scrypt as a PHC string
// -----------------------------------------------------------------------------------

Result<bool> verify_scrypt(std::string_view password, std::string_view rest) {
  if (rest.size() > 256) return unreadable();
  std::string_view parameters = take_field(rest, '$');
  const auto log_n = number_of(take_field(parameters, ','), "ln=", 1, 21);
  const auto r = number_of(take_field(parameters, ','), "r=", 1, 1024);
  const auto p = number_of(parameters, "p=", 1, 1024);
  const auto salt = from_base64(take_field(rest, '$'));
  const auto stored = from_base64(rest);
  if (!log_n || !r || !p || !salt || !stored || salt->size() > 64) return unreadable();
  if (stored->size() < 16 || stored->size() > 64) return unreadable();
  if (!is_within_bounds({.log_n = *log_n, .r = *r, .p = *p})) return unreadable();
  std::string key(stored->size(), '\0');
  const int made =
      EVP_PBE_scrypt(password.data(), password.size(), reinterpret_cast<const unsigned char*>(salt->data()),
                     salt->size(), std::uint64_t{1} << *log_n, *r, *p, 2 * most_memory,
                     reinterpret_cast<unsigned char*>(key.data()), key.size());
  if (made != 1) {
    ERR_clear_error();
    return no_memory();
  }
  return equal_in_constant_time(key, *stored);
}

}  // namespace

Result<bool> verify_imported(std::string_view password, std::string_view hash) {
  constexpr std::string_view scrypt = "$scrypt$";
  if (hash.size() > 256) return unreadable();
  if (hash.starts_with(scrypt)) return verify_scrypt(password, hash.substr(scrypt.size()));
  if (hash.starts_with("$2a$") || hash.starts_with("$2b$") || hash.starts_with("$2y$"))
    return is_bcrypt_within_bounds(hash) ? verify_crypt(password, hash) : unreadable();
  if (hash.starts_with("$7$"))
    return is_crypt_scrypt_within_bounds(hash) ? verify_crypt(password, hash) : unreadable();
  return verify_identity(password, hash);
}

}  // namespace gatehouse::issuer
