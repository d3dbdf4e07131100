#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <fmt/format.h>

#include <array>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/key.h"
#include "gatehouse/jose/key_material.h"

namespace gatehouse::jose {
namespace {

using OwnedBio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using OwnedDecoder = std::unique_ptr<OSSL_DECODER_CTX, Deleter<OSSL_DECODER_CTX_free>>;

OwnedBio read_only(std::string_view text) {
  return OwnedBio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// A service that starts must not sit at a terminal's password prompt.
int no_password(char*, int, int, void*) { return -1; }

Instant instant_of(const ASN1_TIME* time) {
  std::tm calendar{};
  if (!time || ASN1_TIME_to_tm(time, &calendar) != 1) return {};
  using namespace std::chrono;
  const year_month_day date(year(calendar.tm_year + 1900), month(static_cast<unsigned>(calendar.tm_mon + 1)),
                            day(static_cast<unsigned>(calendar.tm_mday)));
  return Instant(sys_days(date)) + hours(calendar.tm_hour) + minutes(calendar.tm_min) +
         seconds(calendar.tm_sec);
}

std::string digest_of(const X509* certificate, const EVP_MD* algorithm) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> octets{};
  unsigned length = 0;
  require_memory(X509_digest(certificate, algorithm, octets.data(), &length) == 1);
  return {reinterpret_cast<const char*>(octets.data()), length};
}

std::string upper_hex(std::string_view octets) {
  std::string text;
  for (const char c : octets) text += fmt::format("{:02X}", static_cast<unsigned char>(c));
  return text;
}

Result<OwnedPkey> describe_certificate(KeyMaterial& material, const X509* certificate,
                                       std::string* hex_thumbprint) {
  const std::string sha1 = digest_of(certificate, EVP_sha1());
  material.has_certificate = true;
  material.x5t = base64url::encode(sha1);
  material.x5t_s256 = base64url::encode(digest_of(certificate, EVP_sha256()));
  material.not_before = instant_of(X509_get0_notBefore(certificate));
  material.not_after = instant_of(X509_get0_notAfter(certificate));
  if (hex_thumbprint) *hex_thumbprint = upper_hex(sha1);
  OwnedPkey pkey(X509_get_pubkey(const_cast<X509*>(certificate)));
  if (!pkey) return fail(Failure::key_invalid, "the certificate's key cannot be read");
  return pkey;
}

// The first block whose label ends with `kind`, from its BEGIN to its END. What stands around it is not
// looked at: `openssl ecparam -genkey` puts the curve in front, and others a description.
std::string_view find_block(std::string_view text, std::string_view kind) {
  constexpr std::string_view begin = "-----BEGIN ";
  for (std::size_t at = text.find(begin); at != text.npos; at = text.find(begin, at + 1)) {
    const std::string_view block = text.substr(at);
    const std::string_view label =
        block.substr(begin.size(), block.find("-----", begin.size()) - begin.size());
    if (!label.ends_with(kind)) continue;
    const std::string end = fmt::format("-----END {}-----", label);
    const std::size_t length = block.find(end);
    return length == block.npos ? block : block.substr(0, length + end.size());
  }
  return {};
}

Result<OwnedPkey> read_pem_key(std::string_view block, int selection) {
  EVP_PKEY* read = nullptr;
  const OwnedBio bio = read_only(block);
  const OwnedDecoder decoder(require_memory(
      OSSL_DECODER_CTX_new_for_pkey(&read, "PEM", nullptr, nullptr, selection, nullptr, nullptr)));
  OSSL_DECODER_CTX_set_pem_password_cb(decoder.get(), no_password, nullptr);
  const bool decoded = OSSL_DECODER_from_bio(decoder.get(), bio.get()) == 1;
  ERR_clear_error();
  OwnedPkey pkey(read);
  if (decoded && pkey) return pkey;
  return fail(Failure::key_invalid, block.contains("ENCRYPTED")
                                        ? "the PEM key is encrypted; give it without a password"
                                        : "not a readable PEM key");
}

// The whole text has to be the key: what stands after it would be nobody's.
OwnedPkey read_der_key(std::string_view der, int selection) {
  EVP_PKEY* read = nullptr;
  const auto* octets = reinterpret_cast<const unsigned char*>(der.data());
  std::size_t left = der.size();
  const OwnedDecoder decoder(require_memory(
      OSSL_DECODER_CTX_new_for_pkey(&read, "DER", nullptr, nullptr, selection, nullptr, nullptr)));
  OSSL_DECODER_CTX_set_pem_password_cb(decoder.get(), no_password, nullptr);
  const bool decoded = OSSL_DECODER_from_data(decoder.get(), &octets, &left) == 1;
  ERR_clear_error();
  OwnedPkey pkey(read);
  return decoded && left == 0 ? std::move(pkey) : nullptr;
}

Result<OwnedPkey> read_pem_certificate(KeyMaterial& material, std::string_view block) {
  const OwnedBio bio = read_only(block);
  const OwnedX509 certificate(PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  if (!certificate) return fail(Failure::key_invalid, "not a readable PEM certificate");
  return describe_certificate(material, certificate.get(), nullptr);
}

}  // namespace

Result<OwnedPkey> read_certificate(KeyMaterial& material, std::string_view der, std::string* hex_thumbprint) {
  const auto* octets = reinterpret_cast<const unsigned char*>(der.data());
  const auto* const end = octets + der.size();
  const OwnedX509 certificate(d2i_X509(nullptr, &octets, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!certificate || octets != end) return fail(Failure::key_invalid, "not a DER certificate");
  return describe_certificate(material, certificate.get(), hex_thumbprint);
}

Result<Key> Key::from_certificate(std::string_view der, std::string kid) {
  auto material = std::make_shared<KeyMaterial>();
  std::string thumbprint;
  GH_TRY(OwnedPkey pkey, read_certificate(*material, der, &thumbprint));
  GH_CHECK(adopt(*material, std::move(pkey), false));
  return Key(std::move(material)).with_kid(kid.empty() ? std::move(thumbprint) : std::move(kid));
}

Result<Key> Key::from_der(std::string_view der, std::string kid) {
  auto material = std::make_shared<KeyMaterial>();
  OwnedPkey pkey = read_der_key(der, EVP_PKEY_KEYPAIR);
  const bool is_private = pkey != nullptr;
  if (!is_private) pkey = read_der_key(der, EVP_PKEY_PUBLIC_KEY);
  if (!pkey) return fail(Failure::key_invalid, "not a readable DER key");
  GH_CHECK(adopt(*material, std::move(pkey), is_private));
  return Key(std::move(material)).with_kid(std::move(kid));
}

Result<Key> Key::from_pem(std::string_view pem, std::string kid) {
  constexpr std::size_t largest = 1 << 20;
  if (pem.size() > largest) return fail(Failure::key_invalid, "not a readable PEM key");
  auto material = std::make_shared<KeyMaterial>();
  if (const auto secret = find_block(pem, "PRIVATE KEY"); !secret.empty()) {
    const std::string_view rest = pem.substr(static_cast<std::size_t>(secret.end() - pem.begin()));
    if (!find_block(rest, "PRIVATE KEY").empty())
      return fail(Failure::key_invalid, "more than one private key");
    GH_TRY(OwnedPkey pkey, read_pem_key(secret, EVP_PKEY_KEYPAIR));
    GH_CHECK(adopt(*material, std::move(pkey), true));
  } else if (const auto certificate = find_block(pem, "CERTIFICATE"); !certificate.empty()) {
    GH_TRY(OwnedPkey pkey, read_pem_certificate(*material, certificate));
    GH_CHECK(adopt(*material, std::move(pkey), false));
  } else {
    GH_TRY(OwnedPkey pkey, read_pem_key(find_block(pem, "PUBLIC KEY"), EVP_PKEY_PUBLIC_KEY));
    GH_CHECK(adopt(*material, std::move(pkey), false));
  }
  return Key(std::move(material)).with_kid(std::move(kid));
}

}  // namespace gatehouse::jose
