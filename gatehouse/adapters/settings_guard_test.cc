#include "gatehouse/adapters/settings_guard.h"

#include <gtest/gtest.h>

#include <map>

#include "gatehouse/adapters/httplib.h"
#include "tests/support/temporary_folder.h"

namespace gatehouse {
namespace {

constexpr const char* public_key =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";

class SettingsFile : public testing::Test {
 protected:
  Configuration load(const std::string& authorization) const {
    const std::string path = folder_.path("appsettings.json");
    test_support::write_file(path, R"({"Jwt":{"Issuer":"https://i","Audience":"api","SigningKey":)" +
                                       json::quote(public_key) + "},\n" + R"("Authorization":)" +
                                       authorization + "}");
    return Configuration::load(path);
  }

  test_support::TemporaryFolder folder_;
};

std::string fault_of(const auto& make) {
  try {
    make();
  } catch (const ConfigurationError& error) {
    return error.what();
  }
  return "no fault";
}

TEST_F(SettingsFile, MakesAGuard) {
  const Guard guard = make_guard(load(R"({"Routes":["GET /orders: authenticated"]})"));
  EXPECT_EQ(guard.check({.target = "/orders"}).status, 401);
}

TEST_F(SettingsFile, StopsTheStartWithEveryFault) {
  const Configuration wrong = load(R"({"Policies":{"A":"rolle x"},"Routes":["/y"]})");
  const std::string said = fault_of([&] { make_guard(wrong); });
  EXPECT_TRUE(said.contains("'rolle x' is no requirement")) << said;
  EXPECT_TRUE(said.contains("write a route as")) << said;
}

TEST_F(SettingsFile, StopsTheStartWhereTwoRoutesAreOne) {
  const Configuration wrong = load(R"({"Routes":["/y: authenticated", "/y: role Admin"]})");
  EXPECT_TRUE(fault_of([&] { make_guard(wrong); }).contains("leads where '/y' leads already"));
}

TEST_F(SettingsFile, HasToBeThere) {
  EXPECT_TRUE(fault_of([] { Configuration::load("/nowhere/appsettings.json"); }).contains("/nowhere/"));
}

// What the adapter uses of cpp-httplib's types, and nothing else.
struct ServerRequest {
  std::string method = "GET";
  std::string target = "/orders";
  std::multimap<std::string, std::string> headers = {};
  std::string body = {};
  std::string remote_addr = {};
};
struct ServerResponse {
  int status = -1;
  std::multimap<std::string, std::string> headers = {};
  void set_header(const char* name, const std::string& value) { headers.emplace(name, value); }
};

TEST_F(SettingsFile, NamesThePolicyThatIsMissingAndWhoAskedForIt) {
  const HttplibGuard guard(load(R"({"Policies":{"CanReadOrders":"scope orders.read"}})"));
  const auto handler = [](const auto&, auto&, const ClaimsPrincipal&) {};
  const int line = __LINE__ + 1;
  const std::string said = fault_of([&] { static_cast<void>(guard.require("CanReedOrders", handler)); });
  EXPECT_EQ(said, "appsettings.json: no policy named 'CanReedOrders' (settings_guard_test.cc:" +
                      std::to_string(line) + " asks for it); there is 'CanReadOrders'");
}

TEST_F(SettingsFile, TurnsAwayBeforeTheHandlerRuns) {
  const HttplibGuard guard(load(R"({"Policies":{"CanReadOrders":"scope orders.read"}})"));
  bool was_reached = false;
  const auto handler = guard.require(
      "CanReadOrders", [&was_reached](const auto&, auto&, const ClaimsPrincipal&) { was_reached = true; });
  ServerResponse response;
  handler(ServerRequest{}, response);
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.headers.find("WWW-Authenticate")->second, "Bearer");
  EXPECT_FALSE(was_reached);
}

}  // namespace
}  // namespace gatehouse
