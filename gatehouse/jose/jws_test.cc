#include "gatehouse/jose/jws.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "gatehouse/base/base64url.h"
#include "tests/support/test_keys.h"

namespace gatehouse::jose {
namespace {

struct PairCase {
  Algorithm algorithm;
  Key key;
};

Key hmac(char fill) { return Key::symmetric(Secret(std::string(64, fill))); }

std::vector<PairCase> every_algorithm() {
  std::vector<PairCase> cases;
  for (const AlgorithmTraits& row : algorithms()) {
    if (row.key_type == KeyType::okp || row.on_request) {
      cases.push_back({row.algorithm, *Key::generate(row.algorithm)});
      continue;
    }
    const auto pem = row.key_type == KeyType::rsa ? test_keys::rsa
                     : row.curve == Curve::p256   ? test_keys::p256
                     : row.curve == Curve::p384   ? test_keys::p384
                                                  : test_keys::p521;
    cases.push_back({row.algorithm, row.key_type == KeyType::oct ? hmac('a') : *Key::from_pem(pem)});
  }
  return cases;
}

class EveryAlgorithm : public testing::TestWithParam<PairCase> {};

TEST_P(EveryAlgorithm, VerifiesWhatItSigned) {
  const auto& [algorithm, key] = GetParam();
  const auto signature = sign("input", key, algorithm);
  ASSERT_TRUE(signature);
  EXPECT_TRUE(verify("input", *signature, key, algorithm));
  EXPECT_FALSE(verify("Input", *signature, key, algorithm));
}

TEST_P(EveryAlgorithm, RefusesEveryFlippedOctetAndEveryOtherLength) {
  const auto& [algorithm, key] = GetParam();
  const std::string signature = *sign("input", key, algorithm);
  for (std::size_t i = 0; i < signature.size(); ++i) {
    std::string bent = signature;
    bent[i] = static_cast<char>(bent[i] ^ (1 << i % 8));
    EXPECT_EQ(verify("input", bent, key, algorithm).error().kind, Failure::signature_invalid) << i;
  }
  for (const std::string& other :
       {std::string(), signature.substr(1), signature + '\0', '\0' + signature,
        std::string(signature.size(), '\0'), std::string(signature.size(), '\xFF')})
    EXPECT_EQ(verify("input", other, key, algorithm).error().kind, Failure::signature_invalid);
}

TEST_P(EveryAlgorithm, WorksForNoKeyOfAnotherKindOrCurve) {
  const auto& [algorithm, key] = GetParam();
  const std::string signature = *sign("input", key, algorithm);
  for (const auto& [other, other_key] : every_algorithm()) {
    if (other_key.fits(algorithm)) continue;
    EXPECT_EQ(verify("input", signature, other_key, algorithm).error().kind, Failure::alg_not_allowed);
    EXPECT_EQ(sign("input", other_key, algorithm).error().kind, Failure::alg_not_allowed);
  }
}

INSTANTIATE_TEST_SUITE_P(Rfc7518, EveryAlgorithm, testing::ValuesIn(every_algorithm()),
                         [](const auto& test) { return std::string(name(test.param.algorithm)); });

TEST(Verify, KeepsPssAndPkcs1Apart) {
  const Key key = *Key::from_pem(test_keys::rsa);
  for (const auto& [pkcs1, pss] : {std::pair(Algorithm::RS256, Algorithm::PS256),
                                   {Algorithm::RS384, Algorithm::PS384},
                                   {Algorithm::RS512, Algorithm::PS512}}) {
    EXPECT_FALSE(verify("input", *sign("input", key, pkcs1), key, pss));
    EXPECT_FALSE(verify("input", *sign("input", key, pss), key, pkcs1));
  }
  EXPECT_FALSE(verify("input", *sign("input", key, Algorithm::RS256), key, Algorithm::RS384));
}

TEST(Verify, AnEmptySecretVerifiesNothing) {
  const Key empty = Key::symmetric(Secret(""));
  EXPECT_FALSE(verify("input", std::string(32, '\0'), empty, Algorithm::HS256));
  constexpr unsigned char its_tag[] = {0xd0, 0x0c, 0x66, 0x78, 0xe0, 0x9a, 0x05, 0x03, 0xbd, 0xbf, 0x68,
                                       0x00, 0x9b, 0x6a, 0xf1, 0xc0, 0x59, 0x3f, 0xe6, 0xa5, 0x31, 0x86,
                                       0x09, 0x54, 0x0f, 0xef, 0x36, 0x2e, 0x7c, 0x41, 0x02, 0x19};
  const std::string_view tag(reinterpret_cast<const char*>(its_tag), sizeof its_tag);
  EXPECT_FALSE(verify("input", tag, empty, Algorithm::HS256));
}

TEST(Verify, NeverTakesOneKeysContextForAnothers) {
  std::vector<Key> keys;
  for (char c = 1; c <= 100; ++c) keys.push_back(hmac(c));  // more than a thread keeps contexts for
  for (int round = 0; round < 3; ++round)
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const std::string tag = *sign("input", keys[i], Algorithm::HS256);
      EXPECT_TRUE(verify("input", tag, keys[i], Algorithm::HS256));
      EXPECT_FALSE(verify("input", tag, keys[(i + 1) % keys.size()], Algorithm::HS256));
    }
}

TEST(Verify, NeverTakesAGoneKeysContextForALaterOne) {
  for (char c = 'a'; c <= 'z'; ++c) {
    const Key key = hmac(c);  // likely where the last one was
    const std::string tag = *sign("input", key, Algorithm::HS256);
    EXPECT_TRUE(verify("input", tag, key, Algorithm::HS256));
    EXPECT_FALSE(verify("input", tag, hmac(static_cast<char>(c + 1)), Algorithm::HS256));
  }
}

// Keys come and go on one thread while others use theirs.
TEST(Verify, IsSafeWhileKeysComeAndGo) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([i] {
      const Key own = hmac(static_cast<char>('a' + i));
      const std::string tag = *sign("input", own, Algorithm::HS256);
      for (int n = 0; n < 50; ++n) {
        const Key passing = hmac(static_cast<char>('A' + n % 20));
        EXPECT_FALSE(verify("input", tag, passing, Algorithm::HS256));
        EXPECT_TRUE(verify("input", tag, own, Algorithm::HS256));
      }
    });
}

TEST(Verify, IsSafeFromManyThreads) {
  const Key key = *Key::from_pem(test_keys::p256);
  const std::string signature = *sign("input", key, Algorithm::ES256);
  std::atomic<int> verified = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (int n = 0; n < 20; ++n)
          verified += verify("input", signature, key, Algorithm::ES256).has_value();
      });
  }
  EXPECT_EQ(verified, 80);
}

TEST(Sign, RefusesWeakAndPublicKeys) {
  EXPECT_EQ(sign("input", Key::symmetric(Secret("short")), Algorithm::HS256).error().kind, Failure::weak_key);
  EXPECT_EQ(sign("input", *Key::from_pem(test_keys::p256_public), Algorithm::ES256).error().kind,
            Failure::key_invalid);
}

TEST(SignCompact, WritesHeaderPayloadAndSignature) {
  const Key key = hmac('a').with_kid("k1");
  const auto token = sign_compact(R"({"sub":"ada"})", key, Algorithm::HS256, "at+jwt");
  const auto jws = parse_jws(*token);
  ASSERT_TRUE(jws);
  EXPECT_EQ(jws->header->kid, "k1");
  EXPECT_EQ(jws->header->typ, "at+jwt");
  EXPECT_EQ(base64url::decode(jws->payload), R"({"sub":"ada"})");
  EXPECT_TRUE(verify(jws->signing_input, jws->signature, key, Algorithm::HS256));
}

TEST(SignCompact, LeavesOutWhatIsEmpty) {
  const auto token = sign_compact("{}", hmac('a'), Algorithm::HS256, "");
  const auto jws = parse_jws(*token);
  ASSERT_TRUE(jws);
  EXPECT_FALSE(jws->header->has_kid);
  EXPECT_FALSE(jws->header->has_typ);
}

std::string compact(const std::string& header, const std::string& rest = ".e30.AA") {
  return base64url::encode(header) + rest;
}

TEST(ParseJws, TellsApartHeadersThatFollowEachOther) {
  for (int round = 0; round < 2; ++round)
    for (const char* kid : {"a", "b", "ab", ""}) {
      const auto jws = parse_jws(compact(fmt::format(R"({{"alg":"HS256","kid":"{}"}})", kid)));
      ASSERT_TRUE(jws);
      EXPECT_EQ(jws->header->kid, kid);
    }
}

TEST(ParseJws, SharesAHeaderThatItHasRead) {
  const std::string token = compact(R"({"alg":"HS256","kid":"shared"})");
  const auto first = parse_jws(token), second = parse_jws(token + "AA");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->header, second->header);
}

TEST(ParseJws, IsStrictAfterItWasLenient) {
  const std::string lax = compact(R"({"alg":"HS256","typ":null})");
  for (int round = 0; round < 2; ++round) {
    EXPECT_TRUE(parse_jws(lax, Leniency::original));
    EXPECT_EQ(parse_jws(lax).error().kind, Failure::malformed);
  }
  const std::string bad_signature = compact(R"({"alg":"HS256"})", ".e30.!!");
  EXPECT_EQ(parse_jws(bad_signature, Leniency::original)->signature, "");
  EXPECT_TRUE(parse_jws(bad_signature, Leniency::original)->is_signed);
  EXPECT_EQ(parse_jws(bad_signature).error(), (Error{Failure::malformed, "signature"}));
}

// A thread remembers the last header; one that has read none must not take an empty text for it.
TEST(ParseJws, RefusesAnEmptyHeaderOnANewThread) {
  std::optional<Error> refused;
  std::jthread([&] {
    if (const auto jws = parse_jws(".e30.AA"); !jws) refused = jws.error();
  }).join();
  EXPECT_EQ(refused, (Error{Failure::malformed, "header"}));
}

TEST(ParseJws, RefusesAHeaderOfAnEncryptedToken) {
  EXPECT_EQ(parse_jws(compact(R"({"alg":"HS256","enc":"A128GCM"})")).error(),
            (Error{Failure::malformed, "enc"}));
}

TEST(ParseJws, ReadsALongHeader) {
  const auto jws =
      parse_jws(compact(R"({"alg":"HS256","x5c":[")" + std::string(2000, 'A') + R"("],"kid":"k"})"));
  ASSERT_TRUE(jws);
  EXPECT_EQ(jws->header->kid, "k");
}

TEST(ParseJws, LeavesThePayloadAsItIs) {
  const std::string token = compact(R"({"alg":"HS256"})", ".not base64!.AAAA");
  const auto jws = parse_jws(token);
  ASSERT_TRUE(jws);
  EXPECT_EQ(jws->payload, "not base64!");
  EXPECT_EQ(jws->signing_input, std::string_view(token).substr(0, token.rfind('.')));
  EXPECT_EQ(jws->signature, std::string(3, '\0'));
}

TEST(ParseJws, RefusesWhatHasNotThreeCanonicalParts) {
  const std::string head = base64url::encode(R"({"alg":"HS256"})");
  for (const std::string& text :
       {std::string(), head, head + ".", head + ".e30", head + ".e30.AA.", head + ".e30.AA.BB",
        std::string(".e30.AA"), head + ".e30.A", head + "=.e30.AA", head + ".e30.AB", " " + head + ".e30.AA"})
    EXPECT_EQ(parse_jws(text).error().kind, Failure::malformed) << text;
  EXPECT_TRUE(parse_jws(head + ".e30."));
  for (const Leniency leniency : {Leniency::none, Leniency::original})
    EXPECT_EQ(parse_jws(head + ".e30.AA.BB", leniency).error(), (Error{Failure::malformed, "segments"}));
}

}  // namespace
}  // namespace gatehouse::jose
