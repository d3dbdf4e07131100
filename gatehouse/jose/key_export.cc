#include <openssl/core_names.h>
#include <openssl/encoder.h>

#include <array>

#include "gatehouse/base/base64url.h"
#include "gatehouse/base/digest.h"
#include "gatehouse/jose/key.h"
#include "gatehouse/jose/key_material.h"
#include "gatehouse/jose/key_numbers.h"

namespace gatehouse::jose {
namespace {

using OwnedEncoder = std::unique_ptr<OSSL_ENCODER_CTX, Deleter<OSSL_ENCODER_CTX_free>>;

// base64url of the number, in exactly that many octets.
std::string padded(const EVP_PKEY* pkey, const char* parameter, std::size_t length) {
  std::string octets(length, '\0');
  const OwnedNumber value = number(pkey, parameter);
  BN_bn2binpad(value.get(), reinterpret_cast<unsigned char*>(octets.data()), static_cast<int>(length));
  std::string text = base64url::encode(octets);
  wipe(octets);
  return text;
}

void write_private_member(json::Writer& writer, std::string_view member, std::string text) {
  writer.member(member, text);
  wipe(text);
}

void write_private_rsa(json::Writer& writer, const EVP_PKEY* pkey) {
  constexpr std::array<std::pair<std::string_view, const char*>, 6> members = {
      {{"d", OSSL_PKEY_PARAM_RSA_D},
       {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
       {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},
       {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
       {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2},
       {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}}};
  for (const auto& [member, parameter] : members)
    if (has_number(pkey, parameter)) write_private_member(writer, member, number_of(pkey, parameter));
}

std::string raw_private_key(const EVP_PKEY* pkey) {
  std::array<unsigned char, 57> octets{};
  std::size_t size = octets.size();
  require_memory(EVP_PKEY_get_raw_private_key(pkey, octets.data(), &size) == 1);
  std::string text = base64url::encode({reinterpret_cast<const char*>(octets.data()), size});
  OPENSSL_cleanse(octets.data(), octets.size());
  return text;
}

void write_public(json::Writer& writer, const KeyMaterial& key) {
  switch (key.type) {
    case KeyType::oct:
      writer.member("kty", "oct");
      break;
    case KeyType::rsa:
      writer.member("kty", "RSA").member("n", number_of(key.pkey.get(), OSSL_PKEY_PARAM_RSA_N));
      writer.member("e", number_of(key.pkey.get(), OSSL_PKEY_PARAM_RSA_E));
      break;
    case KeyType::ec: {
      const auto [x, y] = point_of(key.pkey.get(), key.curve);
      writer.member("kty", "EC").member("crv", traits(key.curve).name).member("x", x).member("y", y);
      break;
    }
    case KeyType::okp:
      writer.member("kty", "OKP").member("crv", traits(key.curve).name);
      writer.member("x", base64url::encode(key.octets));
      break;
  }
}

void write_private(json::Writer& writer, const KeyMaterial& key) {
  switch (key.type) {
    case KeyType::oct:
      return write_private_member(writer, "k", base64url::encode(key.secret.reveal()));
    case KeyType::rsa:
      return write_private_rsa(writer, key.pkey.get());
    case KeyType::ec:
      return write_private_member(writer, "d",
                                  padded(key.pkey.get(), OSSL_PKEY_PARAM_PRIV_KEY, traits(key.curve).octets));
    case KeyType::okp:
      return write_private_member(writer, "d", raw_private_key(key.pkey.get()));
  }
}

// X25519 and X448 keys and those with an encryption `alg` are for nothing else.
std::string_view use_of(const KeyMaterial& key) noexcept {
  if (!key.use.empty()) return key.use;
  const bool only_agrees = key.curve == Curve::x25519 || key.curve == Curve::x448;
  const bool encrypts = !key.algorithm_name.empty() && !key.declared_algorithm;
  return only_agrees || encrypts ? "enc" : "sig";
}

// A private key keeps what it was said to be for, and gets nothing that was not said: what is read back does
// what this one does.
void write_limits(json::Writer& writer, const KeyMaterial& key) {
  if (!key.use.empty()) writer.member("use", key.use);
  if (key.operations.empty()) return;
  writer.name("key_ops").begin_array();
  for (const std::string& operation : key.operations) writer.value(operation);
  writer.end_array();
}

void write_name(json::Writer& writer, const KeyMaterial& key, const std::string& kid) {
  if (!key.algorithm_name.empty()) writer.member("alg", key.algorithm_name);
  if (!kid.empty()) writer.member("kid", kid);
  if (!key.issuer.empty()) writer.member("issuer", key.issuer);
}

std::string encode(const EVP_PKEY* pkey, int selection, const char* format, const char* structure) {
  if (!pkey) return {};
  const OwnedEncoder encoder(
      require_memory(OSSL_ENCODER_CTX_new_for_pkey(pkey, selection, format, structure, nullptr)));
  unsigned char* octets = nullptr;
  std::size_t size = 0;
  require_memory(OSSL_ENCODER_to_data(encoder.get(), &octets, &size) == 1);
  std::string text(reinterpret_cast<const char*>(octets), size);
  OPENSSL_clear_free(octets, size);
  return text;
}

Secret encode_private(const KeyMaterial& key, const char* format) {
  if (!key.is_private || key.token_key) return {};
  std::string text = encode(key.pkey.get(), EVP_PKEY_KEYPAIR, format, "PrivateKeyInfo");
  Secret secret(text);
  wipe(text);
  return secret;
}

}  // namespace

OwnedNumber number(const EVP_PKEY* pkey, const char* parameter) {
  BIGNUM* read = nullptr;
  require_memory(EVP_PKEY_get_bn_param(pkey, parameter, &read) == 1);
  return OwnedNumber(read);
}

bool has_number(const EVP_PKEY* pkey, const char* parameter) {
  std::array asked = {OSSL_PARAM_construct_BN(parameter, nullptr, 0), OSSL_PARAM_construct_end()};
  require_memory(EVP_PKEY_get_params(pkey, asked.data()) == 1);
  return OSSL_PARAM_modified(asked.data()) == 1;
}

std::string number_of(const EVP_PKEY* pkey, const char* parameter) {
  return padded(pkey, parameter, static_cast<std::size_t>(BN_num_bytes(number(pkey, parameter).get())));
}

std::pair<std::string, std::string> point_of(const EVP_PKEY* pkey, Curve curve) {
  const std::size_t length = traits(curve).octets;
  return {padded(pkey, OSSL_PKEY_PARAM_EC_PUB_X, length), padded(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, length)};
}

std::string bare_public_jwk(const Key& key) {
  json::Writer writer;
  writer.begin_object();
  write_public(writer, key.material());
  writer.end_object();
  return std::move(writer).take();
}

// The members that RFC 7638 §3.2 and RFC 8037 §2 name, in lexicographic order, and nothing else.
std::string Key::thumbprint() const {
  const KeyMaterial& key = material();
  json::Writer writer;
  writer.begin_object();
  switch (key.type) {
    case KeyType::oct:
      writer.member("k", base64url::encode(key.secret.reveal())).member("kty", "oct");
      break;
    case KeyType::rsa:
      writer.member("e", number_of(key.pkey.get(), OSSL_PKEY_PARAM_RSA_E)).member("kty", "RSA");
      writer.member("n", number_of(key.pkey.get(), OSSL_PKEY_PARAM_RSA_N));
      break;
    case KeyType::ec: {
      const auto [x, y] = point_of(key.pkey.get(), key.curve);
      writer.member("crv", traits(key.curve).name).member("kty", "EC").member("x", x).member("y", y);
      break;
    }
    case KeyType::okp:
      writer.member("crv", traits(key.curve).name).member("kty", "OKP");
      writer.member("x", base64url::encode(key.octets));
      break;
  }
  writer.end_object();
  return base64url::encode(sha256(writer.text()));
}

std::string Key::public_jwk() const {
  if (material().type == KeyType::oct) return {};
  json::Writer writer;
  writer.begin_object();
  write_public(writer, material());
  writer.member("use", use_of(material()));
  write_name(writer, material(), kid());
  writer.end_object();
  return std::move(writer).take();
}

Secret Key::private_jwk() const {
  if (!material().is_private || material().token_key) return {};
  json::Writer writer;
  writer.begin_object();
  write_public(writer, material());
  write_private(writer, material());
  write_limits(writer, material());
  write_name(writer, material(), kid());
  writer.end_object();
  std::string text = std::move(writer).take();
  Secret secret(text);
  wipe(text);
  return secret;
}

std::string Key::public_pem() const {
  return encode(material().pkey.get(), EVP_PKEY_PUBLIC_KEY, "PEM", "SubjectPublicKeyInfo");
}

std::string Key::public_der() const {
  return encode(material().pkey.get(), EVP_PKEY_PUBLIC_KEY, "DER", "SubjectPublicKeyInfo");
}

Secret Key::private_pem() const { return encode_private(material(), "PEM"); }
Secret Key::private_der() const { return encode_private(material(), "DER"); }

}  // namespace gatehouse::jose
