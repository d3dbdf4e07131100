/// Floors — the bare primitive over the signing input of a token, with a context prepared as well as it can
/// be.
#pragma once

#include <benchmark/benchmark.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <string>

#include "bench/tokens.h"

namespace gatehouse::bench {

inline const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

inline void require(bool holds, benchmark::State& state) {
  if (!holds) state.SkipWithError("the result is not the expected one");
}

/// DER of r and s, as OpenSSL takes them.
inline std::string to_der(const std::string& signature) {
  ECDSA_SIG* pair = ECDSA_SIG_new();
  const int half = static_cast<int>(signature.size() / 2);
  ECDSA_SIG_set0(pair, BN_bin2bn(octets(signature), half, nullptr),
                 BN_bin2bn(octets(signature) + half, half, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair, &der);
  std::string text(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  ECDSA_SIG_free(pair);
  return text;
}

/// HMAC with SHA-256 and bench::secret.
inline void floor_hmac(benchmark::State& state, const std::string& token) {
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MAC_CTX* context = EVP_MAC_CTX_new(mac);
  char digest[] = "SHA2-256";
  const std::array parameters = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_end()};
  EVP_MAC_init(context, octets(secret), secret.size(), parameters.data());
  std::array<unsigned char, 32> tag{};
  std::size_t size = 0;
  for (auto _ : state) {
    EVP_MAC_init(context, nullptr, 0, nullptr);
    EVP_MAC_update(context, octets(input_of(token)), input_of(token).size());
    EVP_MAC_final(context, tag.data(), &size, tag.size());
    benchmark::DoNotOptimize(tag);
  }
  require(std::equal(tag.begin(), tag.end(), octets(signature_of(token))), state);
  EVP_MAC_CTX_free(context);
  EVP_MAC_free(mac);
}

/// RSA and ECDSA with SHA-256.
inline void floor_asymmetric(benchmark::State& state, jose::Algorithm algorithm, const std::string& token) {
  const bool is_ec = jose::traits(algorithm).key_type == jose::KeyType::ec;
  const std::string_view pem = is_ec ? test_keys::p256 : test_keys::rsa;
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* pkey = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr);
  EVP_MD* digest = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  EVP_PKEY_verify_init(context);
  EVP_PKEY_CTX_set_signature_md(context, digest);
  if (algorithm == jose::Algorithm::PS256) {
    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST);
  }
  const std::string signature = is_ec ? to_der(signature_of(token)) : signature_of(token);
  EVP_MD_CTX* hashing = EVP_MD_CTX_new();
  std::array<unsigned char, 32> hash{};
  int verdict = 0;
  for (auto _ : state) {
    EVP_DigestInit_ex2(hashing, digest, nullptr);
    EVP_DigestUpdate(hashing, input_of(token).data(), input_of(token).size());
    EVP_DigestFinal_ex(hashing, hash.data(), nullptr);
    verdict = EVP_PKEY_verify(context, octets(signature), signature.size(), hash.data(), hash.size());
    benchmark::DoNotOptimize(verdict);
  }
  require(verdict == 1, state);
  EVP_MD_CTX_free(hashing);
  EVP_MD_free(digest);
  EVP_PKEY_CTX_free(context);
  EVP_PKEY_free(pkey);
  BIO_free(bio);
}

}  // namespace gatehouse::bench
