#include "gatehouse/http/headers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::http {
namespace {

using testing::ElementsAre;

TEST(RequestHeaders, FindTheFirstOfAName) {
  RequestHeaders headers;
  headers.add("Accept", "a");
  headers.add("X-One", "1");
  headers.add("accept", "b");

  EXPECT_EQ(headers.find("ACCEPT"), "a");
  EXPECT_EQ(headers.find("X-Two"), std::nullopt);
  EXPECT_THAT(headers.find_all("accept"), ElementsAre("a", "b"));
  EXPECT_EQ(headers.count("accept"), 2u);
}

TEST(ResponseHeaders, SetReplacesEveryFieldOfTheName) {
  ResponseHeaders headers;
  headers.append("Vary", "Origin");
  headers.append("X-One", "1");
  headers.append("vary", "Accept");

  headers.set("VARY", "Cookie");

  EXPECT_THAT(headers.find_all("Vary"), ElementsAre("Cookie"));
  EXPECT_EQ(headers.find("x-one"), "1");
}

TEST(ResponseHeaders, RemoveTakesEveryFieldOfTheName) {
  ResponseHeaders headers;
  headers.append("Set-Cookie", "a=1");
  headers.append("set-cookie", "b=2");

  headers.remove("Set-Cookie");

  EXPECT_EQ(headers.size(), 0u);
}

}  // namespace
}  // namespace gatehouse::http
