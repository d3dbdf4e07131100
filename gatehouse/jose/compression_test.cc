#include "gatehouse/jose/compression.h"

#include <gtest/gtest.h>

namespace gatehouse::jose {
namespace {

std::string text_of(std::size_t size) {
  std::string text;
  for (std::uint32_t i = 0; text.size() < size; ++i) text += std::to_string(i * 2654435761u);
  text.resize(size);
  return text;
}

TEST(Inflate, GivesBackWhatWasDeflated) {
  for (const std::size_t size : {0u, 1u, 100u, 16'384u, 100'000u})
    EXPECT_EQ(inflate(deflate(text_of(size)), 100'000), text_of(size)) << size;
}

TEST(Inflate, StopsAtItsCap) {
  EXPECT_TRUE(inflate(deflate(text_of(20'000)), 20'000));
  EXPECT_EQ(inflate(deflate(text_of(20'000)), 19'999).error(),
            (Error{Failure::decompression_failed, "too large"}));
}

TEST(Inflate, TakesOneWholeStreamAndNothingElse) {
  const std::string whole = deflate(text_of(1000));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(inflate(whole.substr(0, size), 100'000).error(), Error{Failure::decompression_failed}) << size;
  for (const std::string& more : {std::string("x"), whole})
    EXPECT_EQ(inflate(whole + more, 100'000).error(), Error{Failure::decompression_failed});
  EXPECT_EQ(inflate(std::string(100, '\xff'), 100'000).error(), Error{Failure::decompression_failed});
}

}  // namespace
}  // namespace gatehouse::jose
