/// TestIssuer — mints real tokens for tests: good ones, and ones that are wrong in a chosen way.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/authentication/jwt_bearer_options.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/jose/key.h"
#include "gatehouse/tokens/token_descriptor.h"

namespace gatehouse::testing {

class TestIssuer;

/// One token in the making; str() signs it. Each call changes one thing of a token that would be accepted.
class TestToken {
 public:
  TestToken& subject(std::string subject);
  TestToken& role(std::string role);    ///< one more value of `role`
  TestToken& scope(std::string scope);  ///< the whole of `scope`, space-separated
  TestToken& claim(std::string name, tokens::ClaimValue value);
  TestToken& lifetime(Seconds lifetime);  ///< from now; 600 s unless said

  // Wrong in one way; the Failure that a validator of configure()'s options reports is named.
  TestToken& expired_by(Seconds ago);          ///< expired
  TestToken& valid_only_in(Seconds ahead);     ///< not_yet_valid
  TestToken& for_audience(std::string other);  ///< audience_invalid
  TestToken& from_issuer(std::string other);   ///< issuer_invalid
  TestToken& of_type(std::string typ);         ///< type_invalid, unless it is "JWT" or "at+jwt"
  TestToken& signed_by_another_key();          ///< signature_invalid: under the right `kid`
  TestToken& with_unknown_kid();               ///< key_not_found
  TestToken& without_expiration();             ///< no_expiration
  TestToken& without_signature();              ///< no_signature: `alg` none
  TestToken& truncated();                      ///< malformed

  std::string str() const;
  operator std::string() const { return str(); }  // NOLINT(google-explicit-constructor): it is a token

 private:
  friend class TestIssuer;
  TestToken(const TestIssuer& issuer, Instant now);
  std::string payload() const;

  const TestIssuer& issuer_;
  Instant now_;
  tokens::TokenDescriptor descriptor_;
  std::vector<std::string> roles_;
  bool other_key_ = false;
  bool unknown_kid_ = false;
  bool expires_ = true;
  bool is_signed_ = true;
  bool is_whole_ = true;
};

/// Signs with ES256 and a key that is the same in every run, and that everybody may read: for tests only.
class TestIssuer {
 public:
  explicit TestIssuer(const Clock& clock, std::string issuer = "https://issuer.test",
                      std::string audience = "api://test");

  /// Has the scheme accept this issuer's tokens for its audience, and nothing else.
  void configure(authentication::JwtBearerOptions& options) const;

  TestToken token() const;  ///< for "user-1", valid now and for ten minutes

  const std::string& issuer() const noexcept { return issuer_; }
  const std::string& audience() const noexcept { return audience_; }
  const jose::Key& key() const noexcept { return key_; }

 private:
  friend class TestToken;
  const Clock& clock_;
  std::string issuer_;
  std::string audience_;
  jose::Key key_;
  jose::Key other_key_;
};

}  // namespace gatehouse::testing
