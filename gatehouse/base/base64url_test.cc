#include "gatehouse/base/base64url.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "gatehouse/base/base64url_paths.h"

namespace gatehouse::base64url {
namespace {

struct Pair {
  const char* octets;
  const char* text;
};

constexpr Pair pairs[] = {
    {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
    {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xFB\xFF\xBF", "-_-_"}};

TEST(Rfc4648, EncodesAndDecodesItsExamples) {
  for (const auto& [octets, text] : pairs) {
    EXPECT_EQ(encode(octets), text);
    EXPECT_EQ(decode(text), octets);
  }
}

TEST(Base64url, RefusesWhatIsNotCanonical) {
  for (const char* text : {"Zg==", "Zg=", "Z", "Zm9vY", "Zh", "Zm9", "Zm 9", "Zm8\n", "+/+/", "Zm9v\0"}) {
    EXPECT_EQ(decode(text == std::string_view("Zm9v\0") ? std::string_view("Zm9v\0", 5) : text), std::nullopt)
        << text;
  }
}

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using Decoder = bool (*)(std::string_view, char*) noexcept;

struct Path {
  const char* name;
  Decoder decode;
  std::size_t shortest;  // text that this way is made for
};

constexpr Path paths[] = {{"Portably", decode_portably, 0},
                          {"ByVectors", decode_by_vectors, vector_characters}};

class EveryPath : public testing::TestWithParam<Path> {
 protected:
  void SetUp() override {
    if (GetParam().decode == decode_by_vectors && !has_vectors()) GTEST_SKIP() << "this machine has no AVX2";
  }

  // Into memory of exactly the right size, which the address sanitizer guards on both sides.
  static std::optional<std::string> decoded(std::string_view text) {
    const auto octets = std::make_unique<char[]>(decoded_size(text.size()));
    const auto source = std::make_unique<char[]>(text.size());
    std::ranges::copy(text, source.get());
    if (!GetParam().decode({source.get(), text.size()}, octets.get())) return std::nullopt;
    return std::string(octets.get(), decoded_size(text.size()));
  }
};

TEST_P(EveryPath, GivesBackWhatWasEncoded) {
  std::string octets;
  for (std::size_t i = 0; i < 400; ++i) {
    const std::string text = encode(octets);
    if (text.size() >= GetParam().shortest) EXPECT_EQ(decoded(text), octets) << i;
    octets += static_cast<char>(i * 37 + i / 7);
  }
}

TEST_P(EveryPath, ReadsEveryCharacterAtEveryPlace) {
  for (std::size_t place = 0; place < 64; ++place) {
    for (std::size_t value = 0; value < 64; ++value) {
      std::string text(64, 'A');
      text[place] = alphabet[value];
      std::string expected(48, '\0');
      const std::size_t bits = value << (18 - place % 4 * 6);
      for (std::size_t i = 0; i < 3; ++i)
        expected[place / 4 * 3 + i] = static_cast<char>(bits >> (16 - 8 * i));
      EXPECT_EQ(decoded(text), expected) << place << ' ' << value;
    }
  }
}

TEST_P(EveryPath, RefusesEveryForeignOctetAtEveryPlace) {
  for (const std::size_t length : {2u, 3u, 4u, 6u, 7u, 8u, 32u, 40u, 63u, 64u, 66u, 67u}) {
    if (length < GetParam().shortest) continue;
    for (std::size_t place = 0; place < length; ++place) {
      for (int c = 0; c < 256; ++c) {
        if (alphabet.contains(static_cast<char>(c))) continue;
        std::string text(length, 'A');
        text[place] = static_cast<char>(c);
        EXPECT_EQ(decoded(text), std::nullopt) << length << ' ' << place << ' ' << c;
      }
    }
  }
}

TEST_P(EveryPath, RefusesLengthsAndStrayBits) {
  for (const std::size_t whole : {32u, 36u, 64u, 100u}) {
    const std::string text(whole, 'Q');
    EXPECT_EQ(decoded(text + "A"), std::nullopt);
    EXPECT_TRUE(decoded(text + "AQ"));
    EXPECT_TRUE(decoded(text + "AAE"));
    for (const char* stray : {"AB", "AI", "A_", "AAB", "AAD", "AA-"})
      EXPECT_EQ(decoded(text + stray), std::nullopt) << stray;
  }
}

INSTANTIATE_TEST_SUITE_P(Base64url, EveryPath, testing::ValuesIn(paths),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Base64url, RoundTripsEveryLength) {
  std::string octets;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(decode(encode(octets)), octets);
    EXPECT_EQ(decoded_size(encode(octets).size()), octets.size());
    octets += static_cast<char>(i * 37);
  }
}

}  // namespace
}  // namespace gatehouse::base64url
