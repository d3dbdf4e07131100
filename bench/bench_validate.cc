// floor/ALG     the bare primitive over the same bytes, with a context prepared as well as it can be
// validate/ALG  a token not seen before: signature, issuer, audience, lifetime, claims readable
// refuse/REASON turning a token away; compare with validate/HS256
//
// ./dev bench validate --benchmark_repetitions=9 --benchmark_enable_random_interleaving=true

#include <benchmark/benchmark.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <string>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/tokens/validate.h"
#include "tests/support/test_keys.h"

namespace gatehouse {
namespace {

using jose::Algorithm;
using jose::Key;

constexpr Instant now{Seconds(1'780'272'000)};
const std::string secret = "kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq";

Key key_for(Algorithm algorithm) {
  switch (jose::traits(algorithm).key_type) {
    case jose::KeyType::rsa:
      return Key::from_pem(test_keys::rsa, "k1").value();
    case jose::KeyType::ec:
      return Key::from_pem(test_keys::p256, "k1").value();
    case jose::KeyType::okp:
      return Key::from_pem(test_keys::ed25519, "k1").value();
    case jose::KeyType::oct:
      break;
  }
  return Key::symmetric(Secret(secret), "k1");
}

// Ten claims, and as much padding as makes a signing input of 490 octets.
std::string claims_of(std::string_view audience, std::int64_t expires, std::size_t padding) {
  return R"({"iss":"https://issuer.example","aud":")" + std::string(audience) +
         R"(","sub":"4f6d2c1e-7f0b-4d0e-9a53-3f1f5a0c7b11","jti":"Zk3mW9c2QeK1x7TnVb5yRg","iat":1780267000,"nbf":1780267000,"exp":)" +
         std::to_string(expires) + R"(,"role":"Admin","scope":["orders.read","orders.write"],"name":")" +
         std::string(padding, 'n') + "\"}";
}

std::string token_of(Algorithm algorithm, std::string_view audience = "api://orders",
                     std::int64_t expires = 1780275600) {
  std::string token;
  for (std::size_t padding = 0; token.rfind('.') == token.npos || token.rfind('.') < 490; ++padding)
    token = jose::sign_compact(claims_of(audience, expires, padding), key_for(algorithm), algorithm).value();
  return token;
}

std::string forged(std::string token) {
  char& last = token[token.size() - 4];
  last = last == 'A' ? 'B' : 'A';
  return token;
}

std::string_view input_of(std::string_view token) { return token.substr(0, token.rfind('.')); }
std::string signature_of(std::string_view token) {
  return *base64url::decode(token.substr(token.rfind('.') + 1));
}
const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

void require(bool holds, benchmark::State& state) {
  if (!holds) state.SkipWithError("the result is not the expected one");
}

void floor_hmac(benchmark::State& state) {
  const std::string token = token_of(Algorithm::HS256);
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

std::string to_der(const std::string& signature) {
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

void floor_asymmetric(benchmark::State& state, Algorithm algorithm) {
  const std::string token = token_of(algorithm);
  const bool is_ec = jose::traits(algorithm).key_type == jose::KeyType::ec;
  const std::string_view pem = is_ec ? test_keys::p256 : test_keys::rsa;
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* pkey = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr);
  EVP_MD* digest = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  EVP_PKEY_verify_init(context);
  EVP_PKEY_CTX_set_signature_md(context, digest);
  if (algorithm == Algorithm::PS256) {
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

void floor_eddsa(benchmark::State& state) {
  const std::string token = token_of(Algorithm::EdDSA);
  const std::string signature = signature_of(token);
  BIO* bio = BIO_new_mem_buf(test_keys::ed25519.data(), static_cast<int>(test_keys::ed25519.size()));
  EVP_PKEY* pkey = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  std::array<unsigned char, 32> key{};
  std::size_t size = key.size();
  EVP_PKEY_get_raw_public_key(pkey, key.data(), &size);
  int verdict = 0;
  for (auto _ : state) {
    verdict = crypto_sign_verify_detached(octets(signature), octets(input_of(token)), input_of(token).size(),
                                          key.data());
    benchmark::DoNotOptimize(verdict);
  }
  require(verdict == 0, state);
  EVP_PKEY_free(pkey);
  BIO_free(bio);
}

tokens::TokenValidator validator_for(Algorithm algorithm) {
  return tokens::TokenValidator::make({.valid_issuer = "https://issuer.example",
                                       .valid_audience = "api://orders",
                                       .issuer_signing_key = key_for(algorithm)})
      .value();
}

void validate(benchmark::State& state, Algorithm algorithm) {
  const tokens::TokenValidator validator = validator_for(algorithm);
  const std::string token = token_of(algorithm);
  bool accepted = true;
  for (auto _ : state) {
    const auto result = validator.validate(token, now);
    accepted &= result.has_value();
    benchmark::DoNotOptimize(result->claims.subject());
  }
  require(accepted, state);
}

void refuse(benchmark::State& state, const std::string& token, Failure expected) {
  const tokens::TokenValidator validator = validator_for(Algorithm::HS256);
  bool refused = true;
  for (auto _ : state) {
    const auto result = validator.validate(token, now);
    refused &= !result && result.error().kind == expected;
    benchmark::DoNotOptimize(result);
  }
  require(refused, state);
}

double smallest(const std::vector<double>& times) { return *std::ranges::min_element(times); }

void add_rows() {
  const auto keep_best = [](benchmark::internal::Benchmark* row) {
    row->ComputeStatistics("best", smallest);
  };
  keep_best(benchmark::RegisterBenchmark("floor/HS256", floor_hmac));
  for (const Algorithm algorithm : {Algorithm::RS256, Algorithm::PS256, Algorithm::ES256})
    keep_best(benchmark::RegisterBenchmark(("floor/" + std::string(name(algorithm))).c_str(),
                                           floor_asymmetric, algorithm));
  keep_best(benchmark::RegisterBenchmark("floor/EdDSA", floor_eddsa));
  for (const Algorithm algorithm :
       {Algorithm::HS256, Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA})
    keep_best(benchmark::RegisterBenchmark(("validate/" + std::string(name(algorithm))).c_str(), validate,
                                           algorithm));
  const std::string good = token_of(Algorithm::HS256);
  const auto row = [&](const char* name, const std::string& token, Failure expected) {
    keep_best(benchmark::RegisterBenchmark(name, refuse, token, expected));
  };
  row("refuse/signature_invalid", forged(good), Failure::signature_invalid);
  row("refuse/expired", token_of(Algorithm::HS256, "api://orders", 1780271000), Failure::expired);
  row("refuse/audience_invalid", token_of(Algorithm::HS256, "api://others"), Failure::audience_invalid);
  row("refuse/malformed", std::string(good.size(), 'a'), Failure::malformed);
}

}  // namespace
}  // namespace gatehouse

int main(int argc, char** argv) {
  gatehouse::add_rows();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return EXIT_SUCCESS;
}
