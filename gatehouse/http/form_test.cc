#include "gatehouse/http/form.h"

#include <gtest/gtest.h>

namespace gatehouse::http {
namespace {

Result<Form> read(std::string_view body, std::string_view type = "application/x-www-form-urlencoded",
                  std::string_view query = {}) {
  Request request{.method = "POST", .query = query, .body = body};
  if (!type.empty()) request.headers.add("Content-Type", type);
  return Form::read(request);
}

TEST(Form, HasItsParametersDecoded) {
  const auto form = read("grant_type=refresh_token&scope=a+b%20c&empty=&flag&&x%3dy=%C3%A9");
  ASSERT_TRUE(form);
  EXPECT_EQ((*form)["grant_type"], "refresh_token");
  EXPECT_EQ((*form)["scope"], "a b c");
  EXPECT_EQ((*form)["empty"], "");
  EXPECT_EQ((*form)["flag"], "");
  EXPECT_EQ((*form)["x=y"], "é");
  EXPECT_EQ((*form)["Grant_Type"], "");
  EXPECT_TRUE(read(""));
}

TEST(Form, TakesEverySpellingOfItsTypeAndNoOther) {
  for (const char* type : {"application/x-www-form-urlencoded; charset=utf-8",
                           "APPLICATION/X-WWW-FORM-URLENCODED;charset=\"UTF-8\"",
                           "application/x-www-form-urlencoded ; version=1"})
    EXPECT_TRUE(read("a=b", type)) << type;
  for (const char* type : {"", "application/json", "multipart/form-data; boundary=x", "text/plain",
                           "application/x-www-form-urlencoded; charset=utf-16",
                           "application/x-www-form-urlencoded; version=1; charset=latin1"})
    EXPECT_EQ(read("a=b", type).error().kind, Failure::malformed) << type;
}

TEST(Form, IsRefusedWhenAParameterIsAmbiguous) {
  for (const char* body : {"a=1&a=2", "a=1&a=1", "a=1&%61=2", "a=%zz", "a=%"})
    EXPECT_EQ(read(body).error().kind, Failure::malformed) << body;
  EXPECT_EQ(read("a=1", "application/x-www-form-urlencoded", "b=2").error().kind, Failure::malformed);
}

TEST(Form, HasACapOnItsParameters) {
  std::string body;
  for (int i = 0; i < 100; ++i) body += "p" + std::to_string(i) + "=1&";
  EXPECT_TRUE(read(body));
  EXPECT_EQ(read(body + "one=more").error().kind, Failure::too_large);
}

}  // namespace
}  // namespace gatehouse::http
