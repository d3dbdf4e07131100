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

OwnedBio read_only(std::string_view text) { return OwnedBio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

// A service that starts must not sit at a terminal's password prompt.
int no_password(char*, int, int, void*) { return -1; }

Instant instant_of(const ASN1_TIME* time) {
  std::tm calendar{};
  if (!time || ASN1_TIME_to_tm(time, &calendar) != 1) return {};
  using namespace std::chrono;
  const year_month_day date(year(calendar.tm_year + 1900), month(static_cast<unsigned>(calendar.tm_mon + 1)),
                            day(static_cast<unsigned>(calendar.tm_mday)));
  return Instant(sys_days(date)) + hours(calendar.tm_hour) + minutes(calendar.tm_min) + seconds(calendar.tm_sec);
}

std::string digest_of(const X509* certificate, const EVP_MD* algorithm) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> octets{};
  unsigned length = 0;
  X509_digest(certificate, algorithm, octets.data(), &length);
  return {reinterpret_cast<const char*>(octets.data()), length};
}

std::string upper_hex(std::string_view octets) {
  std::string text;
  for (const char c : octets) text += fmt::format("{:02X}", static_cast<unsigned char>(c));
  return text;
}

Result<OwnedPkey> describe_certificate(KeyMaterial& material, const X509* certificate, std::string* hex_thumbprint) {
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

// A key whose own parameters do not hold up is refused here, not at its first signature.
Result<void> check_pair(EVP_PKEY* pkey, bool is_private) {
  const std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr));
  const bool holds = is_private ? EVP_PKEY_pairwise_check(context.get()) == 1 : EVP_PKEY_public_check(context.get()) == 1;
  return holds ? Result<void>() : fail(Failure::key_invalid, "its numbers do not belong together");
}

Result<OwnedPkey> read_pem_key(std::string_view pem, bool is_private) {
  EVP_PKEY* read = nullptr;
  const OwnedBio bio = read_only(pem);
  const OwnedDecoder decoder(OSSL_DECODER_CTX_new_for_pkey(
      &read, "PEM", nullptr, nullptr, is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, nullptr, nullptr));
  OSSL_DECODER_CTX_set_pem_password_cb(decoder.get(), no_password, nullptr);
  const bool decoded = OSSL_DECODER_from_bio(decoder.get(), bio.get()) == 1;
  ERR_clear_error();
  OwnedPkey pkey(read);
  if (!decoded || !pkey)
    return fail(Failure::key_invalid, pem.contains("ENCRYPTED") ? "the PEM key is encrypted; give it without a password"
                                                                : "not a readable PEM key");
  return pkey;
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

Result<Key> Key::from_pem(std::string_view pem, std::string kid) {
  auto material = std::make_shared<KeyMaterial>();
  if (pem.contains("-----BEGIN CERTIFICATE-----")) {
    const OwnedBio bio = read_only(pem);
    const OwnedX509 certificate(PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr));
    ERR_clear_error();
    if (!certificate) return fail(Failure::key_invalid, "not a readable PEM certificate");
    GH_TRY(OwnedPkey pkey, describe_certificate(*material, certificate.get(), nullptr));
    GH_CHECK(adopt(*material, std::move(pkey), false));
    return Key(std::move(material)).with_kid(std::move(kid));
  }
  const bool is_private = pem.contains("PRIVATE KEY-----");
  if (!is_private && !pem.contains("PUBLIC KEY-----")) return fail(Failure::key_invalid, "not a readable PEM key");
  GH_TRY(OwnedPkey pkey, read_pem_key(pem, is_private));
  GH_CHECK(check_pair(pkey.get(), is_private));
  GH_CHECK(adopt(*material, std::move(pkey), is_private));
  return Key(std::move(material)).with_kid(std::move(kid));
}

}  // namespace gatehouse::jose
