#include "tests/vectors/runner/cookbook.h"

#include <algorithm>

#include "gatehouse/jose/compression.h"
#include "gatehouse/jose/content_encryption.h"
#include "tests/vectors/runner/jose_reading.h"

namespace gatehouse::vectors {
namespace {

// The JSON that an output is, or the text that it is already.
std::string text_of(const Json& output) {
  return output.is_string() ? output.get<std::string>() : output.dump();
}

// A signature whose `alg` nothing protects is refused by choice (docs/security/choices.md).
bool is_alg_protected(const Json& entry) {
  const Json& signing = entry.at("signing");
  return std::ranges::all_of(signing.is_array() ? signing : Json::array({signing}), [](const Json& one) {
    return one.value("protected", Json::object()).contains("alg");
  });
}

void judge_signed(const Json& entry, Differences& differences) {
  const auto keys = read_keys(entry.at("input").at("key"));
  if (!keys) return differences.push_back(refusal(keys));
  const std::string payload = entry.at("input").at("payload");
  for (const auto& [form, output] : entry.at("output").items()) {
    const std::string text = text_of(output);
    const bool is_detached = output.is_object() ? !output.contains("payload") : text.contains("..");
    const auto read = open_jws(is_detached ? with_payload(text, payload) : text, *keys);
    if (is_detached && open_jws(text, *keys)) differences.push_back(form + " ACCEPTED without its payload");
    const bool is_wanted = is_alg_protected(entry);
    if (read.has_value() != is_wanted)
      differences.push_back(form + (read ? " ACCEPTED what must be refused" : ' ' + refusal(read)));
    else if (is_wanted && *read != payload)
      differences.push_back(form + " says something else than the RFC");
  }
}

void judge_signing_again(const Json& entry, Differences& differences) {
  const Json& signing = entry.at("signing");
  const auto key = read_key(entry.at("input").at("key"));
  const auto algorithm = jose::parse_algorithm(entry.at("input").at("alg").get<std::string>());
  const auto signature =
      jose::sign(signing.at("sig-input").get<std::string>(), key.value(), algorithm.value());
  if (!signature || *signature != unbase64url(signing.at("sig")))
    differences.push_back("signing again gives another signature");
}

std::vector<std::string> names(const Json& input) {
  std::vector<std::string> list{"DEF"};
  for (const char* member : {"alg", "enc"})
    if (input.at(member).is_string()) list.push_back(input.at(member));
  return list;
}

Result<std::vector<jose::Key>> decryption_keys(const Json& input) {
  if (input.contains("pwd"))
    return std::vector{jose::Key::symmetric(Secret(input.at("pwd").get<std::string>()))};
  return read_keys(input.at("key"));
}

void judge_encrypted(const Json& entry, Differences& differences) {
  const auto keys = decryption_keys(entry.at("input"));
  if (!keys) return differences.push_back(refusal(keys));
  for (const auto& [form, output] : entry.at("output").items()) {
    const auto content = open_jwe(text_of(output), *keys, names(entry.at("input")));
    if (output.is_object()) {  // only the compact form is read: docs/security/choices.md
      if (content) differences.push_back(form + " ACCEPTED what must be refused");
    } else if (!content) {
      differences.push_back(form + ' ' + refusal(content));
    } else if (*content != entry.at("input").at("plaintext").get<std::string>()) {
      differences.push_back(form + " says something else than the RFC");
    }
  }
}

// The content with the printed key and iv. What the tag covers besides is the protected header, and after a
// dot what only the JSON forms have.
void judge_sealing_again(const Json& entry, Differences& differences) {
  const Json& input = entry.at("input");
  const Json& generated = entry.at("generated");
  const Json& encrypting = entry.at("encrypting_content");
  const auto& row = jose::traits(jose::parse_content_encryption(input.at("enc").get<std::string>()).value());
  std::string aad = encrypting.value("protected_b64u", "");
  if (generated.contains("aad_b64u")) aad += '.' + generated.at("aad_b64u").get<std::string>();
  const Json& key = generated.contains("cek") ? generated.at("cek") : input.at("key").at("k");
  const std::string plaintext = input.at("plaintext");
  const auto sealed = jose::seal(row, Secret(unbase64url(key)), unbase64url(generated.at("iv")), aad,
                                 input.contains("zip") ? jose::deflate(plaintext) : plaintext);
  if (sealed.ciphertext != unbase64url(encrypting.at("ciphertext")) ||
      sealed.tag != unbase64url(encrypting.at("tag")))
    differences.push_back("encrypting again gives other octets");
}

// The wrapped content key, where AES wraps it: RSA's padding is random whatever the entry says.
void judge_wrapping_again(const Json& entry, Differences& differences) {
  const std::string algorithm = entry.at("input").at("alg").get<std::string>();
  const auto mode = jose::traits(jose::parse_key_management(algorithm).value()).mode;
  const Json& wrapping = entry.value("encrypting_key", Json::object());
  if (mode == jose::KeyManagementMode::aes_wrap) {
    const std::string key = unbase64url(entry.at("input").at("key").at("k"));
    const Secret content_key(unbase64url(entry.at("generated").at("cek")));
    if (jose::aes::wrap(key, content_key) != unbase64url(wrapping.at("encrypted_key")))
      differences.push_back("wrapping again gives other octets");
  } else if (mode == jose::KeyManagementMode::gcm_wrap) {
    const auto sealed =
        jose::aes::gcm_seal(unbase64url(entry.at("input").at("key").at("k")), unbase64url(wrapping.at("iv")),
                            "", unbase64url(entry.at("generated").at("cek")));
    if (sealed.ciphertext != unbase64url(wrapping.at("encrypted_key")) ||
        sealed.tag != unbase64url(wrapping.at("tag")))
      differences.push_back("wrapping again gives other octets");
  }
}

void judge_key(const Json& jwk, Differences& differences) {
  const auto key = read_key(jwk);
  if (!key) return differences.push_back(refusal(key));
  if (key->is_private() != (jwk.contains("d") || jwk.contains("k")))
    differences.push_back("the key is private, or not, against the RFC");
}

}  // namespace

Differences judge_cookbook(const Json& entry) {
  Differences differences;
  const bool is_reproducible = entry.value("reproducible", false);
  if (entry.contains("key")) judge_key(entry.at("key"), differences);
  if (entry.contains("sign")) judge_signed(entry.at("sign"), differences);
  if (entry.contains("encrypt")) judge_encrypted(entry.at("encrypt"), differences);
  if (entry.contains("signing")) judge_signed(entry, differences);
  if (entry.contains("signing") && is_reproducible) judge_signing_again(entry, differences);
  if (entry.contains("encrypting_content")) judge_encrypted(entry, differences);
  if (entry.contains("encrypting_content") && is_reproducible) {
    judge_sealing_again(entry, differences);
    judge_wrapping_again(entry, differences);
  }
  return differences;
}

}  // namespace gatehouse::vectors
