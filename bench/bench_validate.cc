// floor/ALG     the bare primitive over the same bytes, with a context prepared as well as it can be
// validate/ALG  a token not seen before: signature, issuer, audience, lifetime, claims readable
// hit/ALG       one seen before, as the handler does it: this thread's cache, the look-up by the whole text,
//               lifetime, trust in its keys, the shared principal; also by two threads at once
// refuse/REASON turning a token away; compare with validate/HS256
//
// ./dev bench validate --benchmark_repetitions=9 --benchmark_enable_random_interleaving=true

#include <benchmark/benchmark.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#include "bench/best.h"
#include "bench/floors.h"
#include "bench/tokens.h"
#include "gatehouse/base/per_thread.h"
#include "gatehouse/tokens/claim_mapping.h"
#include "gatehouse/tokens/validated_token_cache.h"

namespace gatehouse {
namespace {

using namespace bench;
using jose::Algorithm;

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

void validate(benchmark::State& state, Algorithm algorithm) {
  const tokens::TokenValidator validator = validator_for({key_for(algorithm)});
  const std::string token = token_of(algorithm);
  bool accepted = true;
  for (auto _ : state) {
    const auto result = validator.validate(token, now);
    accepted &= result.has_value();
    benchmark::DoNotOptimize(result->claims.subject());
  }
  require(accepted, state);
}

// A thousand other tokens are kept beside it.
void hit(benchmark::State& state, Algorithm algorithm) {
  static const PerThread<tokens::ValidatedTokenCache> caches(
      [] { return tokens::ValidatedTokenCache(16 << 20); });
  const auto keep = [](Algorithm of, const std::string& text) {
    const tokens::TokenValidator validator = validator_for({key_for(of)});
    auto token = validator.validate(text, now).value();
    const auto validity = validator.validity(token).value();
    auto principal =
        std::make_shared<const claims::ClaimsPrincipal>(tokens::to_identity(token, validator.parameters()));
    caches.get().insert(text, std::make_shared<const tokens::ValidatedToken>(
                                  tokens::ValidatedToken{.token = std::move(token),
                                                         .principal = std::move(principal),
                                                         .validity = validity,
                                                         .trust = tokens::lasting_trust()}));
  };
  for (std::int64_t i = 1; i <= 1000; ++i)
    keep(Algorithm::HS256, token_of(Algorithm::HS256, {.expires = to_unix_seconds(now) + 3600 + i}));
  const std::string token = token_of(algorithm);
  keep(algorithm, token);
  bool found = true;
  for (auto _ : state) {
    const auto kept = caches.get().find(token, now);
    found &= kept != nullptr;
    benchmark::DoNotOptimize(kept->principal.get());
  }
  require(found, state);
}

void refuse(benchmark::State& state, const std::string& token, Failure expected) {
  const tokens::TokenValidator validator = validator_for({key_for(Algorithm::HS256)});
  bool refused = true;
  for (auto _ : state) {
    const auto result = validator.validate(token, now);
    refused &= !result && result.error().kind == expected;
    benchmark::DoNotOptimize(result);
  }
  require(refused, state);
}

void add_rows() {
  const auto keep_best = [](benchmark::internal::Benchmark* row) {
    row->ComputeStatistics("best", smallest);
  };
  keep_best(benchmark::RegisterBenchmark("floor/HS256", floor_hmac, token_of(Algorithm::HS256)));
  for (const Algorithm algorithm : {Algorithm::RS256, Algorithm::PS256, Algorithm::ES256})
    keep_best(benchmark::RegisterBenchmark(("floor/" + std::string(name(algorithm))).c_str(),
                                           floor_asymmetric, algorithm, token_of(algorithm)));
  keep_best(benchmark::RegisterBenchmark("floor/EdDSA", floor_eddsa));
  for (const Algorithm algorithm :
       {Algorithm::HS256, Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA})
    keep_best(benchmark::RegisterBenchmark(("validate/" + std::string(name(algorithm))).c_str(), validate,
                                           algorithm));
  for (const Algorithm algorithm :
       {Algorithm::HS256, Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA})
    keep_best(benchmark::RegisterBenchmark(("hit/" + std::string(name(algorithm))).c_str(), hit, algorithm));
  benchmark::RegisterBenchmark("hit/RS256", hit, Algorithm::RS256)->Threads(2)->UseRealTime();
  const std::string good = token_of(Algorithm::HS256);
  const auto row = [&](const char* name, const std::string& token, Failure expected) {
    keep_best(benchmark::RegisterBenchmark(name, refuse, token, expected));
  };
  row("refuse/signature_invalid", forged(good), Failure::signature_invalid);
  row("refuse/expired", token_of(Algorithm::HS256, {.expires = 1780271000}), Failure::expired);
  row("refuse/audience_invalid", token_of(Algorithm::HS256, {.audience = "api://others"}),
      Failure::audience_invalid);
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
