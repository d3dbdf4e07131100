/// Attack setup — the verifier that the attacks are aimed at: its keys, profiles, clock and routes.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/hosting/web_application.h"
#include "gatehouse/testing/fake_clock.h"
#include "gatehouse/testing/test_server.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::vectors {

using Json = nlohmann::json;

class AttackSetup {
 public:
  explicit AttackSetup(Json setup);  ///< of attacks/setup.json; throws when it cannot be used

  /// What the profile trusts. Algorithms that nothing here supports are left out.
  tokens::TokenValidationParameters parameters(const std::string& profile) const;

  /// The same with PBES2 and compression switched on, where the profile decrypts: what protects those who
  /// need them shows only then.
  tokens::TokenValidationParameters generous_parameters(const std::string& profile) const;

  Instant clock() const;
  std::string issuer() const { return setup_.at("issuer"); }
  jose::Key private_key(const std::string& kid) const;
  std::string token_of(std::string_view user) const;  ///< a good token of a user without roles
  std::string fill_in(std::string text) const;        ///< @@TOKEN:user@@
  const Json& routes() const { return setup_.at("routes"); }
  const Json& json() const noexcept { return setup_; }

 private:
  Json setup_;
};

/// One verifier as an application: everything a case is sent to, and what it wrote about that.
class ProfileHost {
 public:
  ProfileHost(const AttackSetup& setup, const std::string& profile);

  const tokens::TokenValidator& validator() const { return validator_; }
  const tokens::TokenValidator& generous_validator() const { return generous_; }
  hosting::WebApplication& app() { return *app_; }
  const testing::TestServer& server() const { return *server_; }
  testing::FakeClock& clock() { return *clock_; }
  std::vector<std::string> take_log();
  std::vector<std::string> take_hits();  ///< paths of the routes whose handlers ran

 private:
  struct Notes;
  void map(const std::string& path, const std::string& access);

  std::shared_ptr<testing::FakeClock> clock_ = std::make_shared<testing::FakeClock>();
  std::shared_ptr<Notes> notes_;
  tokens::TokenValidator validator_;
  tokens::TokenValidator generous_;
  std::optional<hosting::WebApplication> app_;
  std::optional<testing::TestServer> server_;
};

/// The hosts of all profiles, made when they are first asked for.
class AttackHosts {
 public:
  explicit AttackHosts(const AttackSetup& attacks) : setup(attacks) {}
  ProfileHost& of(const std::string& profile);
  const AttackSetup& setup;
  std::map<std::string, std::string> group_failures;  ///< by oracle_group

 private:
  std::map<std::string, std::unique_ptr<ProfileHost>> hosts_;
};

}  // namespace gatehouse::vectors
