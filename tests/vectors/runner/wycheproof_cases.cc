#include <fmt/format.h>

#include "gatehouse/jose/content_encryption.h"
#include "gatehouse/jose/key_agreement.h"
#include "gatehouse/jose/rsa_encryption.h"
#include "tests/vectors/runner/cases.h"
#include "tests/vectors/runner/jose_reading.h"
#include "tests/vectors/runner/wycheproof_jose.h"

namespace gatehouse::vectors {
namespace {

struct Group {
  std::string algorithm;  // of the file
  const Json& json;
  std::string type() const { return json.at("type"); }
  std::string text(const char* member) const { return json.value(member, ""); }
};

// "invalid" is refused and "valid" accepted, unless a choice of docs/security/choices.md refuses it;
// "acceptable" may go either way.
Differences judge_result(const Json& test, bool is_accepted, bool is_refused_by_choice = false) {
  const std::string result = test.at("result");
  if (is_accepted && (result == "invalid" || is_refused_by_choice)) return {"ACCEPTED what must be refused"};
  if (!is_accepted && result == "valid" && !is_refused_by_choice) return {"refused"};
  return {};
}

[[noreturn]] void not_driven(const Group& group, const std::string& why) {
  throw NotDriven(fmt::format("{} ({})", group.type(), why));
}

// --- signatures and HMAC

std::string jose_name(const Group& group) {
  const std::string type = group.type();
  const std::string hash = group.text("sha");
  const std::string bits = hash.starts_with("SHA-") ? hash.substr(4) : "";
  if (type == "RsassaPkcs1Verify") return "RS" + bits;
  if (type == "RsassaPssVerify") return "PS" + bits;
  const std::string curve = group.json.at("publicKey").at("curve");
  static const std::map<std::string, std::string> names = {
      {"secp256r1/SHA-256", "ES256"},  {"secp384r1/SHA-384", "ES384"}, {"secp521r1/SHA-512", "ES512"},
      {"secp256k1/SHA-256", "ES256K"}, {"edwards25519/", "Ed25519"},   {"edwards448/", "Ed448"}};
  const auto found = names.find(curve + '/' + hash);
  return found == names.end() ? "" : found->second;
}

jose::Algorithm signature_algorithm(const Group& group) {
  const auto algorithm = jose::parse_algorithm(jose_name(group));
  if (!algorithm) not_driven(group, group.text("sha") + ", no algorithm of JOSE");
  const auto& row = jose::traits(*algorithm);
  if (group.type() == "RsassaPssVerify" &&
      (group.json.at("mgfSha") != group.json.at("sha") || group.json.at("sLen") != row.hash_octets))
    not_driven(group, "another mask or salt than JOSE's");
  return *algorithm;
}

// The group's key in every form that it has: they have to agree.
std::vector<jose::Key> verification_keys(const Group& group) {
  std::vector<jose::Key> keys;
  for (const char* member : {"publicKeyJwk", "keyJwk"})
    if (group.json.contains(member)) keys.push_back(read_key(group.json.at(member)).value());
  if (group.json.contains("publicKeyDer"))
    keys.push_back(jose::Key::from_der(unhex(group.json.at("publicKeyDer"))).value());
  if (group.json.contains("publicKeyPem"))
    keys.push_back(jose::Key::from_pem(group.text("publicKeyPem")).value());
  if (keys.empty()) not_driven(group, "no key");
  return keys;
}

// A DER signature in the form of JOSE, r||s, where it is strict DER of two numbers that fit.
std::optional<std::string> fixed_size(const std::string& der, std::size_t octets) {
  std::string fixed;
  const auto at = [&](std::size_t i) { return i < der.size() ? static_cast<unsigned char>(der[i]) : 0U; };
  const std::size_t start = at(1) == 0x81 ? 3 : 2;
  const std::size_t length = start == 3 ? at(2) : at(1);
  if (at(0) != 0x30 || length + start != der.size() || (start == 3 && length < 0x80)) return std::nullopt;
  std::size_t position = start;
  for (int number = 0; number < 2; ++number) {
    const std::size_t size = at(position + 1);
    if (at(position) != 0x02 || size == 0 || size > 0x7f || position + 2 + size > der.size())
      return std::nullopt;
    std::string digits = der.substr(position + 2, size);
    const bool has_zero = digits.size() > 1 && digits[0] == 0;
    if (at(position + 2) >= 0x80 || (has_zero && at(position + 3) < 0x80)) return std::nullopt;
    if (has_zero) digits.erase(0, 1);
    if (digits.size() > octets) return std::nullopt;
    fixed += std::string(octets - digits.size(), '\0') + digits;
    position += 2 + size;
  }
  if (position != der.size()) return std::nullopt;
  return fixed;
}

Differences judge_signature(const Group& group, const Json& test) {
  const jose::Algorithm algorithm = signature_algorithm(group);
  std::string signature = unhex(test.at("sig"));
  if (group.type() == "EcdsaVerify") {
    const auto fixed = fixed_size(signature, jose::traits(algorithm).signature_octets / 2);
    if (!fixed && test.at("result") == "valid") return {"valid DER, and no r||s"};
    if (!fixed) not_driven(group, "DER that r||s cannot say");
    signature = *fixed;
  }
  for (const jose::Key& key : verification_keys(group)) {
    const bool is_accepted = jose::verify(unhex(test.at("msg")), signature, key, algorithm).has_value();
    if (auto differences = judge_result(test, is_accepted); !differences.empty()) return differences;
  }
  return {};
}

// Choice: an HMAC is compared whole, so a shortened one is refused.
Differences judge_mac(const Group& group, const Json& test) {
  static const std::map<std::string, jose::Algorithm> names = {{"HMACSHA256", jose::Algorithm::HS256},
                                                               {"HMACSHA384", jose::Algorithm::HS384},
                                                               {"HMACSHA512", jose::Algorithm::HS512}};
  const auto found = names.find(group.algorithm);
  if (found == names.end()) not_driven(group, group.algorithm);
  const bool is_short = group.json.at("tagSize") != 8 * jose::traits(found->second).hash_octets;
  const jose::Key key = jose::Key::symmetric(Secret(unhex(test.at("key"))));
  const bool is_accepted =
      jose::verify(unhex(test.at("msg")), unhex(test.at("tag")), key, found->second).has_value();
  return judge_result(test, is_accepted, is_short);
}

// --- encryption

std::string content_name(const Group& group) {
  if (group.algorithm == "AES-GCM") return fmt::format("A{}GCM", group.json.at("keySize").get<int>());
  return group.algorithm;
}

// Choice: JOSE fixes the length of iv and tag (RFC 7518 §5.2, §5.3); all others are refused.
Differences judge_content(const Group& group, const Json& test) {
  const auto name = jose::parse_content_encryption(content_name(group));
  if (!name) not_driven(group, group.algorithm);
  const auto& row = jose::traits(*name);
  const Secret key(unhex(test.at("key")));
  const std::string iv = unhex(test.at("iv")), aad = unhex(test.at("aad")), message = unhex(test.at("msg"));
  const std::string ciphertext = unhex(test.at("ct")), tag = unhex(test.at("tag"));
  const bool is_other_size = iv.size() != row.iv_octets || tag.size() != row.tag_octets;
  const auto opened = jose::open(row, key, iv, aad, ciphertext, tag);
  Differences differences = judge_result(test, opened.has_value(), is_other_size);
  if (opened && *opened != message) differences.push_back("opens to something else");
  if (test.at("result") != "valid" || is_other_size) return differences;
  const auto sealed = jose::seal(row, key, iv, aad, message);
  if (sealed.ciphertext != ciphertext || sealed.tag != tag) differences.push_back("seals otherwise");
  return differences;
}

Differences judge_wrap(const Group& group, const Json& test) {
  if (group.algorithm != "AES-WRAP") not_driven(group, group.algorithm);
  const std::string key = unhex(test.at("key")), message = unhex(test.at("msg")),
                    wrapped = unhex(test.at("ct"));
  const auto unwrapped = jose::aes::unwrap(key, wrapped);
  Differences differences = judge_result(test, unwrapped.has_value());
  if (unwrapped && unwrapped->reveal() != message) differences.push_back("unwraps to something else");
  if (test.at("result") == "valid" && jose::aes::wrap(key, Secret(message)) != wrapped)
    differences.push_back("wraps otherwise");
  return differences;
}

Differences judge_oaep(const Group& group, const Json& test) {
  static const std::map<std::string, jose::KeyManagement> names = {
      {"SHA-1", jose::KeyManagement::RSA_OAEP},
      {"SHA-256", jose::KeyManagement::RSA_OAEP_256},
      {"SHA-384", jose::KeyManagement::RSA_OAEP_384},
      {"SHA-512", jose::KeyManagement::RSA_OAEP_512}};
  const auto found = names.find(group.text("sha"));
  if (found == names.end() || group.text("mgfSha") != group.text("sha"))
    not_driven(group, group.text("mgfSha"));
  if (!test.value("label", "").empty()) not_driven(group, "with a label, which JOSE has none of");
  const std::string message = unhex(test.at("msg"));
  const auto key = jose::Key::from_der(unhex(group.json.at("privateKeyPkcs8")));
  if (!key) return {refusal(key)};
  const auto opened =
      jose::rsa_decrypt(jose::traits(found->second), *key, unhex(test.at("ct")), message.size());
  Differences differences = judge_result(test, opened.has_value());
  if (opened && opened->reveal() != message) differences.push_back("decrypts to something else");
  return differences;
}

// Choice: a shared secret of zeros, which a key of small order makes, is refused where Wycheproof leaves it.
Differences judge_agreement(const Group&, const Json& test) {
  const auto own = read_key(test.at("private")), other = read_key(test.at("public"));
  const auto agreed = own && other ? jose::agree(*own, *other) : std::nullopt;
  const auto flags = test.value("flags", std::vector<std::string>());
  const bool is_zero = std::ranges::find(flags, "ZeroSharedSecret") != flags.end();
  Differences differences = judge_result(test, agreed.has_value(), is_zero);
  if (agreed && agreed->reveal() != unhex(test.at("shared")))
    differences.push_back("agrees on something else");
  return differences;
}

using Judge = Differences (*)(const Group& group, const Json& test);

template <Differences (*Judged)(const Json& group, const Json& test)>
Differences of_jose(const Group& group, const Json& test) {
  return Judged(group.json, test);
}

Judge judge_of(const std::string& type) {
  static const std::map<std::string, Judge> judges = {
      {"EcdsaVerify", judge_signature},
      {"EcdsaP1363Verify", judge_signature},
      {"EddsaVerify", judge_signature},
      {"RsassaPkcs1Verify", judge_signature},
      {"RsassaPssVerify", judge_signature},
      {"MacTest", judge_mac},
      {"AeadTest", judge_content},
      {"KeywrapTest", judge_wrap},
      {"RsaesOaepDecrypt", judge_oaep},
      {"EcdhWebcryptoTest", judge_agreement},
      {"XdhJwkComp", judge_agreement},
      {"JsonWebSignature", of_jose<judge_json_web_signature>},
      {"JsonWebKey", of_jose<judge_json_web_signature>},
      {"JsonWebEncryption", of_jose<judge_json_web_encryption>},
      {"JsonWebCrypto", of_jose<judge_json_web_crypto>}};
  const auto found = judges.find(type);
  if (found == judges.end()) throw NotDriven(type);
  return found->second;
}

}  // namespace

Cases cases_of_wycheproof(const Json& file) {
  Cases cases;
  for (const Json& json : file.at("testGroups"))
    for (const Json& test : json.at("tests"))
      cases.push_back({std::to_string(test.at("tcId").get<int>()), [&file, &json, &test] {
                         const Group group{.algorithm = file.value("algorithm", ""), .json = json};
                         return judge_of(group.type())(group, test);
                       }});
  return cases;
}

}  // namespace gatehouse::vectors
