// Writes what an issuer would hand out, for programs that are not ours to accept or refuse: settings for its
// audience, a token that may read orders, and one that may not. Usage: mint_tokens FOLDER

#include <cstdlib>
#include <fstream>
#include <string>

#include "gatehouse/base/json.h"
#include "gatehouse/testing/test_issuer.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string folder = std::string(argv[1]) + "/";
  const gatehouse::SystemClock clock;
  const gatehouse::testing::TestIssuer issuer(clock, "https://issuer.test", "api://orders");
  std::ofstream(folder + "appsettings.json")
      << R"({"Jwt": {"Issuer": "https://issuer.test", "Audience": "api://orders", "SigningKey": )"
      << gatehouse::json::quote(issuer.key().public_jwk()) << "},\n"
      << R"( "Authorization": {"Policies": {"CanReadOrders": "scope orders.read"}}})" << "\n";
  std::ofstream(folder + "ada") << issuer.token().subject("ada").scope("orders.read").str();
  std::ofstream(folder + "eve") << issuer.token().subject("eve").str();
  return EXIT_SUCCESS;
}
