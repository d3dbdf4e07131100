/// Test certificate — a self-signed certificate and its key for the tests of this room.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "gatehouse/base/clock.h"

namespace gatehouse::hosting {

struct TestCertificate {
  std::string certificate;    ///< PEM
  std::string key;            ///< PEM
  std::string encrypted_key;  ///< PEM; the password is "password"
};

template <class Write>
std::string pem_of(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> memory(BIO_new(BIO_s_mem()), BIO_free_all);
  write(memory.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

inline TestCertificate make_test_certificate(Instant begins, Instant ends, bool is_rsa = false) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      is_rsa ? EVP_RSA_gen(2048U) : EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  X509* x509 = certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  ASN1_TIME_set(X509_getm_notBefore(x509), to_unix_seconds(begins));
  ASN1_TIME_set(X509_getm_notAfter(x509), to_unix_seconds(ends));
  X509_NAME* name = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"),
                             -1, -1, 0);
  X509_set_issuer_name(x509, name);
  X509_set_pubkey(x509, key.get());
  X509_sign(x509, key.get(), EVP_sha256());
  return {.certificate = pem_of([&](BIO* out) { PEM_write_bio_X509(out, x509); }),
          .key = pem_of([&](BIO* out) {
            PEM_write_bio_PKCS8PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          }),
          .encrypted_key = pem_of([&](BIO* out) {
            PEM_write_bio_PKCS8PrivateKey(out, key.get(), EVP_aes_128_cbc(), "password", 8, nullptr, nullptr);
          })};
}

}  // namespace gatehouse::hosting
