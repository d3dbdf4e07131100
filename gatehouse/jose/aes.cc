#include "gatehouse/jose/aes.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <array>

#include "gatehouse/jose/key_material.h"

namespace gatehouse::jose::aes {
namespace {

using OwnedCipher = std::unique_ptr<EVP_CIPHER, Deleter<EVP_CIPHER_free>>;
using OwnedContext = std::unique_ptr<EVP_CIPHER_CTX, Deleter<EVP_CIPHER_CTX_free>>;

enum class Mode : std::uint8_t { cbc, gcm, wrap };
enum class Direction : std::uint8_t { decrypt, encrypt };

const unsigned char* octets_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octets_of(std::string& text) noexcept { return reinterpret_cast<unsigned char*>(text.data()); }
int length_of(std::string_view text) noexcept { return static_cast<int>(text.size()); }

// Fetched once a thread; the fetch is the expensive part.
const EVP_CIPHER* cipher_for(Mode mode, std::size_t key_octets) {
  constexpr std::array<std::array<const char*, 3>, 3> names = {
      {{"AES-128-CBC", "AES-192-CBC", "AES-256-CBC"},
       {"AES-128-GCM", "AES-192-GCM", "AES-256-GCM"},
       {"AES-128-WRAP", "AES-192-WRAP", "AES-256-WRAP"}}};
  thread_local std::array<std::array<OwnedCipher, 3>, 3> ciphers;
  const auto row = static_cast<std::size_t>(mode);
  const std::size_t column = key_octets / 8 - 2;
  OwnedCipher& cipher = ciphers[row][column];
  if (!cipher) cipher.reset(require_memory(EVP_CIPHER_fetch(nullptr, names[row][column], nullptr)));
  return cipher.get();
}

// A context of its own for every key: content keys are used once, and go with it.
OwnedContext start(Mode mode, Direction direction, std::string_view key, std::string_view iv) {
  OwnedContext context(require_memory(EVP_CIPHER_CTX_new()));
  if (mode == Mode::wrap) EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  const bool started =
      EVP_CipherInit_ex2(context.get(), cipher_for(mode, key.size()), octets_of(key),
                         iv.empty() ? nullptr : octets_of(iv), direction == Direction::encrypt, nullptr) == 1;
  return started ? std::move(context) : nullptr;
}

// What was refused leaves its traces in a queue that nobody else empties.
std::nullopt_t refused() {
  ERR_clear_error();
  return std::nullopt;
}

std::optional<std::string> run(EVP_CIPHER_CTX* context, std::string_view input, std::size_t slack) {
  if (!context) return refused();
  std::string output(input.size() + slack, '\0');
  int size = 0, rest = 0;
  if (EVP_CipherUpdate(context, octets_of(output), &size, octets_of(input), length_of(input)) != 1 ||
      EVP_CipherFinal_ex(context, octets_of(output) + size, &rest) != 1) {
    wipe(output);  // plaintext that nothing vouches for
    return refused();
  }
  output.resize(static_cast<std::size_t>(size) + static_cast<std::size_t>(rest));
  return output;
}

bool authenticate(EVP_CIPHER_CTX* context, std::string_view aad) {
  int size = 0;
  return context && EVP_CipherUpdate(context, nullptr, &size, octets_of(aad), length_of(aad)) == 1;
}

}  // namespace

Sealed gcm_seal(std::string_view key, std::string_view iv, std::string_view aad, std::string_view plaintext) {
  const OwnedContext context = start(Mode::gcm, Direction::encrypt, key, iv);
  require_memory(authenticate(context.get(), aad));
  Sealed sealed{.ciphertext = *require_memory(run(context.get(), plaintext, 0)),
                .tag = std::string(gcm_tag_octets, '\0')};
  require_memory(
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, gcm_tag_octets, sealed.tag.data()) == 1);
  return sealed;
}

std::optional<std::string> gcm_open(std::string_view key, std::string_view iv, std::string_view aad,
                                    const std::string_view ciphertext, std::string_view tag) {
  // A short tag is guessed quickly, and every guess of a known text tells more of the key.
  if (iv.size() != gcm_iv_octets || tag.size() != gcm_tag_octets) return std::nullopt;
  const OwnedContext context = start(Mode::gcm, Direction::decrypt, key, iv);
  if (!authenticate(context.get(), aad)) return refused();
  if (EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, length_of(tag),
                          const_cast<char*>(tag.data())) != 1)
    return refused();
  return run(context.get(), ciphertext, 0);
}

std::string cbc_encrypt(std::string_view key, std::string_view iv, std::string_view plaintext) {
  return *require_memory(run(start(Mode::cbc, Direction::encrypt, key, iv).get(), plaintext, block_octets));
}

std::optional<std::string> cbc_decrypt(std::string_view key, std::string_view iv,
                                       std::string_view ciphertext) {
  return run(start(Mode::cbc, Direction::decrypt, key, iv).get(), ciphertext, block_octets);
}

std::string wrap(std::string_view key, const Secret& content_key) {
  return *require_memory(
      run(start(Mode::wrap, Direction::encrypt, key, {}).get(), content_key.reveal(), block_octets));
}

std::optional<Secret> unwrap(std::string_view key, std::string_view wrapped) {
  if (wrapped.size() < 24 || wrapped.size() % 8 != 0) return std::nullopt;
  auto octets = run(start(Mode::wrap, Direction::decrypt, key, {}).get(), wrapped, block_octets);
  if (!octets) return std::nullopt;
  Secret content_key(*octets);
  wipe(*octets);
  return content_key;
}

}  // namespace gatehouse::jose::aes
