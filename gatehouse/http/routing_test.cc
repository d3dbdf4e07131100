#include "gatehouse/http/routing.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace gatehouse::http {
namespace {

Handler nothing() {
  return make_handler([] { return results::ok(); });
}

// A context to match in, and what came of it as one line: "GET /orders/{id} id=7", "404" or "405 GET, POST".
std::string route(const RouteTable& table, std::string_view method, std::string_view path) {
  const Request request{.method = method, .path = path};
  const ServiceCollection services;
  const SystemClock clock;
  HttpContext context(request, services, clock);
  switch (table.match(method, path, context)) {
    case Match::not_found:
      return "404";
    case Match::method_not_allowed:
      return "405 " + table.allowed_methods(path);
    case Match::found:
      break;
  }
  std::string line = context.endpoint()->method + " " + context.endpoint()->pattern;
  for (const char* name : {"id", "name", "item"})
    if (const std::string_view value = context.route.get(name); !value.empty())
      line += fmt::format(" {}={}", name, value);
  return line;
}

struct MatchCase {
  const char* name;  // reads as the end of "Routing …"
  const char* method;
  std::string_view path;
  const char* expected;
};

constexpr MatchCase match_cases[] = {
    {"FindsTheRoot", "GET", "/", "GET /"},
    {"FindsText", "GET", "/orders", "GET /orders"},
    {"IgnoresCase", "GET", "/ORDERS", "GET /orders"},
    {"IgnoresCaseOfThePattern", "GET", "/mixed/case", "GET /Mixed/Case"},
    {"IgnoresOneTrailingSlash", "GET", "/orders/", "GET /orders"},
    {"PrefersTextOverANumber", "GET", "/orders/0", "GET /orders/0"},
    {"PrefersANumberOverAName", "GET", "/orders/17", "GET /orders/{id:int} id=17"},
    {"FallsBackToAName", "GET", "/orders/x17", "GET /orders/{name} name=x17"},
    {"KeepsTheCaseOfAValue", "GET", "/orders/Foo", "GET /orders/{name} name=Foo"},
    {"TakesALeadingZeroForAName", "GET", "/orders/017", "GET /orders/{name} name=017"},
    {"TakesASignForAName", "GET", "/orders/-1", "GET /orders/{name} name=-1"},
    {"TakesTheLargestNumber", "GET", "/orders/9223372036854775807",
     "GET /orders/{id:int} id=9223372036854775807"},
    {"TakesALargerNumberForAName", "GET", "/orders/9223372036854775808",
     "GET /orders/{name} name=9223372036854775808"},
    {"GoesBackWhenTextLeadsNowhere", "GET", "/orders/special/items/5",
     "GET /orders/{name}/items/{item} name=special item=5"},
    {"GoesBackWhenTheMethodFitsElsewhere", "GET", "/orders/special", "GET /orders/{name} name=special"},
    {"FindsTheMoreExactMethod", "POST", "/orders/special", "POST /orders/special"},
    {"GivesEachPatternItsOwnNames", "DELETE", "/orders/17", "DELETE /orders/{item:int} item=17"},
    {"SaysWhichMethodsThereAre", "PATCH", "/orders", "405 GET, POST, OPTIONS"},
    {"GathersMethodsOfEveryPatternThatFits", "PATCH", "/orders/special", "405 POST, GET"},
    {"ComparesMethodsWithCase", "get", "/orders", "405 GET, POST, OPTIONS"},
    {"DoesNotFindALongerPath", "GET", "/orders/1/2/3/4", "404"},
    {"DoesNotFindAShorterPath", "GET", "/mixed", "405 OPTIONS"},
    {"DoesNotFindAPrefixOfText", "GET", "/orders/0/items", "404"},
    {"DoesNotSkipEmptySegments", "GET", "/orders//", "404"},
    {"DoesNotTakeNothingForTheRoot", "GET", "//", "404"},
    {"DoesNotFillANameWithNothing", "GET", "/orders//items/5", "404"},
    {"DoesNotTakeTheAsteriskForAName", "OPTIONS", "*", "404"},
    {"TellsABacktickFromAnAt", "GET", "/odd`", "405 OPTIONS"},
    {"TakesWhatIsLeft", "GET", "/files/a/b.txt", "GET /files/{*name} name=a/b.txt"},
    {"TakesNothingForWhatIsLeft", "GET", "/files", "GET /files/{*name}"},
    {"PrefersASegmentOverWhatIsLeft", "GET", "/files/17", "GET /files/{id:int} id=17"},
    {"GoesBackToWhatIsLeft", "GET", "/files/17/x", "GET /files/{*name} name=17/x"},
    {"TakesAnyMethodWhereAnyIsNamed", "PURGE", "/any", "* /any"},
    {"PrefersTheMethodThatIsNamed", "GET", "/any", "GET /any"},
};

class Routing : public testing::TestWithParam<MatchCase> {
 protected:
  Routing() {
    for (const auto& [method, pattern] :
         std::initializer_list<std::pair<const char*, const char*>>{{"GET", "/"},
                                                                    {"GET", "/orders"},
                                                                    {"POST", "/orders/"},
                                                                    {"GET", "/orders/0"},
                                                                    {"GET", "/orders/{id:int}"},
                                                                    {"DELETE", "/orders/{item:int}"},
                                                                    {"GET", "/orders/{name}"},
                                                                    {"POST", "/orders/special"},
                                                                    {"GET", "/orders/{name}/items/{item}"},
                                                                    {"GET", "/Mixed/Case"},
                                                                    {"OPTIONS", "/{name}"},
                                                                    {"GET", "/odd@"},
                                                                    {"GET", "/files/{id:int}"},
                                                                    {"GET", "/files/{*name}"},
                                                                    {"GET", "/any"},
                                                                    {"*", "/any"}})
      table.add(method, pattern, nothing());
  }
  RouteTable table;
};

TEST_P(Routing, IsJudgedByTheTable) {
  ASSERT_TRUE(table.check());
  EXPECT_EQ(route(table, GetParam().method, GetParam().path), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Paths, Routing, testing::ValuesIn(match_cases),
                         [](const auto& test) { return test.param.name; });

struct PatternCase {
  const char* name;
  const char* pattern;
  const char* why;  // part of the message; empty when it is accepted
};

constexpr PatternCase pattern_cases[] = {
    {"AcceptsTheRoot", "/", ""},
    {"AcceptsValues", "/a/{b}/{c:int}", ""},
    {"AcceptsATrailingSlash", "/a/", ""},
    {"WantsALeadingSlash", "a", "begin with '/'"},
    {"RefusesNothing", "", "begin with '/'"},
    {"RefusesEmptySegments", "/a//b", "the segment ''"},
    {"RefusesTwoSlashes", "//", "an empty segment"},
    {"RefusesAValueInsideASegment", "/a-{b}", "the segment 'a-{b}'"},
    {"RefusesAnOpenBrace", "/{a", "the segment '{a'"},
    {"RefusesANamelessValue", "/{}", "the name in '{}'"},
    {"RefusesABlankInAName", "/{a b}", "the name in '{a b}'"},
    {"RefusesAnUnknownConstraint", "/{a:guid}", "there is only int"},
    {"RefusesANameTwice", "/{a}/{a}", "the name 'a' twice"},
    {"RefusesWhatIsLeftBeforeTheEnd", "/{*a}/b", "'{*a}' has to be its end"},
    {"RefusesAConstraintOnWhatIsLeft", "/{*a:int}", "the constraint in"},
    {"RefusesDots", "/a/../b", "the segment '..'"},
    {"RefusesAnEscape", "/a%20b", "the segment 'a%20b'"},
    {"RefusesAQuery", "/a?b", "the segment 'a?b'"},
    {"RefusesSeventeenValues", "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}/{q}",
     "more than 16"},
};

class Pattern : public testing::TestWithParam<PatternCase> {};

TEST_P(Pattern, IsJudgedByTheTable) {
  RouteTable table;
  table.add("GET", GetParam().pattern, nothing());
  const Result<void> checked = table.check();
  if (!*GetParam().why) {
    EXPECT_TRUE(checked) << checked.error().subject;
    return;
  }
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, Failure::configuration_invalid);
  EXPECT_TRUE(checked.error().subject.contains(GetParam().why)) << checked.error().subject;
}

INSTANTIATE_TEST_SUITE_P(RouteTable, Pattern, testing::ValuesIn(pattern_cases),
                         [](const auto& test) { return test.param.name; });

TEST(RouteTable, RefusesTheSameRouteTwiceWhateverItsNames) {
  RouteTable table;
  table.add("GET", "/a/{id:int}", nothing());
  table.add("GET", "/a/{id}", nothing());
  EXPECT_TRUE(table.check());
  table.add("GET", "/A/{other:int}", nothing());
  ASSERT_FALSE(table.check());
  EXPECT_EQ(table.check().error().subject,
            "the route GET '/A/{other:int}' is wrong: it leads where '/a/{id:int}' leads already");
}

TEST(RouteTable, RefusesAMethodThatIsNoToken) {
  RouteTable table;
  table.add("GE T", "/", nothing());
  EXPECT_FALSE(table.check());
}

TEST(RouteTable, FindsEachOfManyRoutes) {
  RouteTable table;
  for (int i = 0; i < 3000; ++i) table.add("GET", fmt::format("/api/resource{}/{{id:int}}", i), nothing());
  ASSERT_TRUE(table.check());
  for (int i = 0; i < 3000; ++i)
    ASSERT_EQ(route(table, "GET", fmt::format("/api/resource{}/7", i)),
              fmt::format("GET /api/resource{}/{{id:int}} id=7", i));
  EXPECT_EQ(route(table, "GET", "/api/resource3000/7"), "404");
  EXPECT_EQ(table.endpoints()[17]->index, 17u);
}

TEST(RouteTable, VisitsNoPlaceTwiceForAPathOfManyWays) {
  RouteTable table;
  table.add("GET", "/a/a/a/a/a/a/a/a/end", nothing());
  table.add("GET", "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/end", nothing());
  EXPECT_EQ(route(table, "GET", "/a/a/a/a/a/a/a/a/other"), "404");
}

TEST(RouteTable, ReadsAnIntegerValue) {
  RouteTable table;
  table.add("GET", "/{id:int}", nothing());
  const Request request{.path = "/9223372036854775807"};
  const ServiceCollection services;
  const SystemClock clock;
  HttpContext context(request, services, clock);
  ASSERT_EQ(table.match("GET", request.path, context), Match::found);
  EXPECT_EQ(context.route.get_int("id"), 9223372036854775807);
}

class UseRouting : public testing::Test {
 protected:
  UseRouting() {
    table.add("GET", "/a", make_handler([] { return results::text("a"); }));
    pipeline.use(use_routing(table));
  }
  Response ask(std::string_view method, std::string_view path) {
    const Request request{.method = method, .path = path};
    HttpContext context(request, services, clock);
    start(pipeline.run(context), [] {});
    return std::move(context.response);
  }
  RouteTable table;
  Pipeline pipeline;
  ServiceCollection services;
  SystemClock clock;
};

TEST_F(UseRouting, LeadsToTheEndpoint) {
  pipeline.use(run_endpoint);
  EXPECT_EQ(ask("GET", "/a").body, "a");
  EXPECT_EQ(ask("GET", "/b").status, 404);
}

TEST_F(UseRouting, Answers405WithTheMethodsThereAre) {
  pipeline.use(run_endpoint);
  const Response response = ask("POST", "/a");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.find("Allow"), "GET");
}

TEST_F(UseRouting, LetsALaterMiddlewareAnswerAnotherMethod) {
  pipeline.use([](HttpContext& context, Next) -> Task<void> {
    context.response.status = 204;
    co_return;
  });
  const Response response = ask("OPTIONS", "/a");
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.headers.find("Allow"), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::http
