#include "gatehouse/hosting/development_certificate.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <memory>

#include "gatehouse/base/private_file.h"
#include "gatehouse/hosting/tls.h"

namespace gatehouse::hosting {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using Pkey = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

constexpr auto lifetime = std::chrono::days(365);
constexpr auto renewal = std::chrono::days(30);

bool add_extension(X509* certificate, int kind, const char* value) {
  const std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, kind, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_serial(X509* certificate) {
  unsigned char octets[16];
  if (RAND_bytes(octets, sizeof octets) != 1) return false;
  octets[0] &= 0x7F;  // a serial number is positive (RFC 5280 §4.1.2.2)
  const std::unique_ptr<BIGNUM, Deleter<BN_free>> number(BN_bin2bn(octets, sizeof octets, nullptr));
  return BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

// A leaf that can vouch for nobody else: who trusts it trusts this machine's localhost and no other name.
Certificate make_certificate(EVP_PKEY* key, Instant now) {
  Certificate certificate(X509_new());
  X509* raw = certificate.get();
  const std::time_t begins =
      std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(now));
  const long seconds = std::chrono::seconds(lifetime).count();
  std::time_t at = begins;
  X509_NAME* name = X509_get_subject_name(raw);
  const auto* common_name = reinterpret_cast<const unsigned char*>("localhost");
  const bool made = X509_set_version(raw, X509_VERSION_3) == 1 && set_serial(raw) &&
                    X509_time_adj_ex(X509_getm_notBefore(raw), 0, -60, &at) &&
                    X509_time_adj_ex(X509_getm_notAfter(raw), 0, seconds, &at) &&
                    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0) == 1 &&
                    X509_set_issuer_name(raw, name) == 1 && X509_set_pubkey(raw, key) == 1 &&
                    add_extension(raw, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
                    add_extension(raw, NID_basic_constraints, "critical,CA:FALSE") &&
                    add_extension(raw, NID_key_usage, "critical,digitalSignature") &&
                    add_extension(raw, NID_ext_key_usage, "serverAuth") &&
                    X509_sign(raw, key, EVP_sha256()) > 0;
  return made ? std::move(certificate) : nullptr;
}

std::string text_of(BIO* bio) {
  char* at = nullptr;
  const long size = BIO_get_mem_data(bio, &at);
  return {at, static_cast<std::size_t>(size)};
}

std::string instructions(const std::string& file) {
  return fmt::format(
      "A certificate for HTTPS on localhost was made, for development only: {0}\n"
      "  curl trusts it with      --cacert {0}\n"
      "  this machine trusts it   sudo cp {0} /usr/local/share/ca-certificates/gatehouse-localhost.crt && "
      "sudo update-ca-certificates\n",
      file);
}

}  // namespace

Result<DevelopmentCertificate> ensure_development_certificate(const std::string& folder, Instant now) {
  DevelopmentCertificate paths{.certificate_file = folder + "/localhost.crt",
                               .key_file = folder + "/localhost.key"};
  const auto present = TlsContext::load(paths.certificate_file, paths.key_file, now);
  if (present && present->expires() > now + renewal) return paths;

  const Pkey key(EVP_EC_gen("P-256"));
  const Certificate certificate = key ? make_certificate(key.get(), now) : nullptr;
  const Bio certificate_text(BIO_new(BIO_s_mem()));
  const Bio key_text(BIO_new(BIO_s_mem()));
  if (!certificate || PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1 ||
      PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return fail(Failure::configuration_invalid, "a development certificate cannot be made");
  GH_CHECK(make_private_folder(folder));
  GH_CHECK(write_private_file(paths.key_file, text_of(key_text.get())));
  GH_CHECK(write_private_file(paths.certificate_file, text_of(certificate_text.get())));
  paths.was_made = true;
  paths.how_to_trust = instructions(paths.certificate_file);
  return paths;
}

}  // namespace gatehouse::hosting
