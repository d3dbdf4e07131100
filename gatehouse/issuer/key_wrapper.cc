#include "gatehouse/issuer/key_wrapper.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "gatehouse/base/ascii.h"
#include "gatehouse/base/base64url.h"
#include "gatehouse/base/digest.h"
#include "gatehouse/base/private_file.h"
#include "gatehouse/jose/sealed.h"

namespace gatehouse::issuer {
namespace {

constexpr std::size_t octets = jose::sealing_key_octets;
constexpr std::string_view how_to_make_one = "make one with: openssl rand -hex 32";

std::unexpected<Error> refuse(std::string why) {
  return fail(Failure::configuration_invalid, std::move(why));
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = hex_value(text[i]), low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high << 4 | low);
  }
  return decoded;
}

Result<Secret> read_text(std::string_view source, std::string_view text) {
  const std::string_view trimmed = trim(text, " \t\r\n");
  auto decoded = trimmed.size() == 2 * octets ? from_hex(trimmed) : base64url::decode(trimmed);
  if (!decoded || decoded->size() != octets)
    return refuse(fmt::format("the wrapping key of '{}' is not of 32 octets in hexadecimal or base64url; {}",
                              source, how_to_make_one));
  Secret key(*decoded);
  wipe(*decoded);
  return key;
}

Result<Secret> read_file(std::string_view source, const std::string& path) {
  auto text = read_private_file(path, {.most = 4096, .is_secret = true, .may_be_link = true});
  if (!text)
    return refuse(fmt::format("the wrapping key of '{}' cannot be read: {}", source, describe(text.error())));
  auto key = read_text(source, *text);
  wipe(*text);
  return key;
}

// What the text is sealed for: one key's cannot be put in another one's place.
std::string context_of(const stores::StoredKey& key) {
  return fmt::format("gatehouse key|{}|{}|{}", key.purpose, key.number, key.id);
}

}  // namespace

Result<Secret> read_wrapping_key(std::string_view source) {
  const std::size_t colon = std::min(source.find(':'), source.size());
  const std::string_view kind = source.substr(0, colon);
  const std::string name(source.substr(std::min(colon + 1, source.size())));
  if (kind == "file" && !name.empty()) return read_file(source, name);
  if (kind == "env" && !name.empty()) {
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): at the start
    if (!value) return refuse(fmt::format("the wrapping key of '{}' is not in the environment", source));
    return read_text(source, value);
  }
  if (kind == "credential" && !name.empty() && !name.contains('/')) {
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");  // NOLINT(concurrency-mt-unsafe): at the start
    if (!folder)
      return refuse(
          fmt::format("the wrapping key of '{}' needs a systemd unit with LoadCredential= "
                      "(CREDENTIALS_DIRECTORY is not set)",
                      source));
    return read_file(source, fmt::format("{}/{}", folder, name));
  }
  return refuse(fmt::format(
      "a wrapping key comes from 'file:PATH', 'env:NAME' or 'credential:NAME', not from '{}'", source));
}

Result<KeyWrapper> KeyWrapper::make(const std::vector<Secret>& keys) {
  if (keys.empty()) return refuse(fmt::format("there is no wrapping key; {}", how_to_make_one));
  std::vector<Named> named;
  for (const Secret& key : keys) {
    if (key.size() != octets) return refuse(fmt::format("a wrapping key has 32 octets, not {}", key.size()));
    const std::string tag = hmac_sha256(key.reveal(), "gatehouse wrapping key");
    named.push_back({.name = base64url::encode(tag.substr(0, 9)), .key = key});
  }
  return KeyWrapper(std::move(named));
}

stores::StoredKey KeyWrapper::wrap(stores::StoredKey key, const Secret& secret) const {
  key.wrapped = jose::seal(keys_.front().key, secret.reveal(), context_of(key)).value();
  key.wrapping_key = name();
  return key;
}

Result<Secret> KeyWrapper::unwrap(const stores::StoredKey& key) const {
  const auto found = std::ranges::find(keys_, key.wrapping_key, &Named::name);
  if (found == keys_.end())
    return refuse(fmt::format(
        "key '{}' is wrapped under '{}', which is not among the wrapping keys ('{}' is the first); "
        "give the one back that was there before",
        key.id, key.wrapping_key, name()));
  auto secret = jose::open_sealed(found->key, key.wrapped, context_of(key));
  if (!secret)
    return refuse(fmt::format("key '{}' does not open under wrapping key '{}': the store was changed", key.id,
                              key.wrapping_key));
  return secret;
}

}  // namespace gatehouse::issuer
