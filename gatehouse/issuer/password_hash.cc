#include "gatehouse/issuer/password_hash.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <utility>

#include "gatehouse/base/digest.h"
#include "gatehouse/base/random.h"
#include "gatehouse/issuer/hash_text.h"
#include "gatehouse/issuer/imported_hash.h"

namespace gatehouse::issuer {
namespace {

constexpr std::size_t salt_size = crypto_pwhash_SALTBYTES;
constexpr std::size_t tag_size = 32;

struct Argon2 {
  std::uint32_t memory = 19'456;  // KiB
  std::uint32_t passes = 2;
  std::uint32_t lanes = 1;
  std::string pepper = {};  // its id; empty: none
  std::string salt = {};
  std::string tag = {};
};

std::string text_of(const Argon2& hash) {
  const std::string pepper = hash.pepper.empty() ? "" : ",keyid=" + to_base64(hash.pepper);
  return fmt::format("$argon2id$v=19$m={},t={},p={}{}${}${}", hash.memory, hash.passes, hash.lanes, pepper,
                     to_base64(hash.salt), to_base64(hash.tag));
}

std::optional<Argon2> read_argon2(std::string_view text) {
  constexpr std::string_view beginning = "$argon2id$v=19$";
  if (text.size() > 256 || !text.starts_with(beginning)) return {};
  text.remove_prefix(beginning.size());
  std::string_view parameters = take_field(text, '$');
  const auto memory = number_of(take_field(parameters, ','), "m=", 8, 262'144);
  const auto passes = number_of(take_field(parameters, ','), "t=", 1, 16);
  const auto lanes = number_of(take_field(parameters, ','), "p=", 1, 16);
  Argon2 hash;
  if (parameters.starts_with("keyid=")) {
    const auto id = from_base64(parameters.substr(6));
    if (!id || id->empty()) return {};
    hash.pepper = *id;
  } else if (!parameters.empty()) {
    return {};
  }
  auto salt = from_base64(take_field(text, '$'));
  auto tag = from_base64(text);
  if (!memory || !passes || !lanes || *memory < 8 * *lanes || !salt || !tag) return {};
  if (salt->size() < 8 || salt->size() > 48 || tag->size() < 16 || tag->size() > 64) return {};
  hash.memory = *memory;
  hash.passes = *passes;
  hash.lanes = *lanes;
  hash.salt = *std::move(salt);
  hash.tag = *std::move(tag);
  return hash;
}

// Picks the implementation for this processor; safe to call from any thread, any number of times.
bool is_ready() noexcept { return sodium_init() >= 0; }

// The tag of the password; `like` has salt and parameters. Fails for want of memory only.
Result<std::string> tag_of(std::string_view password, const Argon2& like, std::size_t size) {
  std::string tag(size, '\0');
  if (!is_ready() ||
      crypto_pwhash(reinterpret_cast<unsigned char*>(tag.data()), tag.size(), password.data(),
                    password.size(), reinterpret_cast<const unsigned char*>(like.salt.data()), like.passes,
                    std::size_t{like.memory} * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0)
    return fail(Failure::unavailable, "password hashing");
  return tag;
}

}  // namespace

PasswordHasher::PasswordHasher(std::vector<Pepper> peppers) : peppers_(std::move(peppers)) {}

const Pepper* PasswordHasher::find(std::string_view id) const noexcept {
  const auto found = std::ranges::find(peppers_, id, &Pepper::id);
  return found == peppers_.end() ? nullptr : &*found;
}

Result<std::string> PasswordHasher::hash(std::string_view password) const {
  if (password.size() > longest_password) return fail(Failure::too_large, "password");
  Argon2 made{.salt = random_octets(salt_size)};
  GH_TRY(made.tag, tag_of(password, made, tag_size));
  if (!peppers_.empty()) {
    made.pepper = peppers_.front().id;
    made.tag = hmac_sha256(peppers_.front().key.reveal(), made.tag);
  }
  return text_of(made);
}

Result<bool> PasswordHasher::verify(std::string_view password, std::string_view hash) const {
  if (password.size() > longest_password) return false;
  const auto stored = read_argon2(hash);
  if (!stored) return verify_imported(password, hash);
  const Pepper* pepper = find(stored->pepper);
  if (!stored->pepper.empty() && !pepper) return fail(Failure::unavailable, "pepper " + stored->pepper);
  // What others have made with more lanes or another salt, libsodium verifies whole.
  if (stored->lanes != 1 || stored->salt.size() != salt_size) {
    if (pepper || hash.size() >= crypto_pwhash_STRBYTES) return fail(Failure::malformed, "password hash");
    const std::string text(hash);
    return is_ready() && crypto_pwhash_str_verify(text.c_str(), password.data(), password.size()) == 0;
  }
  GH_TRY(std::string tag, tag_of(password, *stored, pepper ? tag_size : stored->tag.size()));
  if (pepper) tag = hmac_sha256(pepper->key.reveal(), tag);
  return equal_in_constant_time(tag, stored->tag);
}

bool PasswordHasher::needs_rehash(std::string_view hash) const {
  const auto stored = read_argon2(hash);
  const Argon2 today;
  const std::string pepper = peppers_.empty() ? "" : peppers_.front().id;
  return !stored || stored->memory != today.memory || stored->passes != today.passes ||
         stored->lanes != today.lanes || stored->salt.size() != salt_size || stored->tag.size() != tag_size ||
         stored->pepper != pepper;
}

Result<std::string> hash_password(std::string_view password) { return PasswordHasher().hash(password); }

bool verify_password(std::string_view password, std::string_view hash) {
  return PasswordHasher().verify(password, hash).value_or(false);
}

bool needs_rehash(std::string_view hash) { return PasswordHasher().needs_rehash(hash); }

}  // namespace gatehouse::issuer
