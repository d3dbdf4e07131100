#include "gatehouse/base/base64url.h"

#include <gtest/gtest.h>

namespace gatehouse::base64url {
namespace {

struct Pair {
  const char* octets;
  const char* text;
};

constexpr Pair pairs[] = {{"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"}, {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"},
                          {"foobar", "Zm9vYmFy"}, {"\xFB\xFF\xBF", "-_-_"}};

TEST(Rfc4648, EncodesAndDecodesItsExamples) {
  for (const auto& [octets, text] : pairs) {
    EXPECT_EQ(encode(octets), text);
    EXPECT_EQ(decode(text), octets);
  }
}

TEST(Base64url, RefusesWhatIsNotCanonical) {
  for (const char* text : {"Zg==", "Zg=", "Z", "Zm9vY", "Zh", "Zm9", "Zm 9", "Zm8\n", "+/+/", "Zm9v\0"}) {
    EXPECT_EQ(decode(text == std::string_view("Zm9v\0") ? std::string_view("Zm9v\0", 5) : text), std::nullopt) << text;
  }
}

TEST(Base64url, RefusesEveryForeignOctetAtEveryPlace) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (std::size_t length : {2u, 3u, 4u, 6u, 7u, 8u, 40u, 67u}) {
    for (std::size_t place = 0; place < length; ++place) {
      for (int c = 0; c < 256; ++c) {
        std::string text(length, 'A');
        text[place] = static_cast<char>(c);
        if (alphabet.find(static_cast<char>(c)) == alphabet.npos) {
          EXPECT_EQ(decode(text), std::nullopt) << length << ' ' << place << ' ' << c;
        }
      }
    }
  }
}

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
