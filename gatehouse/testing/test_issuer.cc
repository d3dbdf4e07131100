#include "gatehouse/testing/test_issuer.h"

#include "gatehouse/base/base64url.h"
#include "gatehouse/base/json.h"
#include "gatehouse/jose/jws.h"

namespace gatehouse::testing {
namespace {

constexpr std::string_view key_pem = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMdoJQHGFEcFld1ES
JGYXE8hM7Y7i9kuRRX1wQCkZZFWhRANCAAQ20RXjuKZNHSNq2rt1J1wk7MORb7B+
HuVCQs0gTerGHYRXWRBcMax1HKmq5sJrTQHCK2mRv00P7GMXeO3G7m4P
-----END PRIVATE KEY-----
)";
constexpr std::string_view other_key_pem = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgoVtyRJ770jezcIOC
RwNxMM+EisRC3eC56l2bN+7oniihRANCAAQUga1FWn/aQS9vS3HzHZ0Z4O3z7WzJ
P2iIZEU07vrab3ky00X1oZP5RoGf/aL3UrKNvj4pjlRtYV2/CDj1KbS/
-----END PRIVATE KEY-----
)";

}  // namespace

TestToken::TestToken(const TestIssuer& issuer, Instant now)
    : issuer_(issuer),
      now_(now),
      descriptor_{.issuer = issuer.issuer(),
                  .audiences = {issuer.audience()},
                  .subject = "user-1",
                  .issued_at = now,
                  .not_before = now,
                  .expires = now + Seconds(600)} {}

TestToken& TestToken::subject(std::string subject) {
  descriptor_.subject = std::move(subject);
  return *this;
}

TestToken& TestToken::role(std::string role) {
  roles_.push_back(std::move(role));
  return *this;
}

TestToken& TestToken::scope(std::string scope) { return claim("scope", std::move(scope)); }

TestToken& TestToken::claim(std::string name, tokens::ClaimValue value) {
  descriptor_.claims.emplace_back(std::move(name), std::move(value));
  return *this;
}

TestToken& TestToken::lifetime(Seconds lifetime) {
  descriptor_.expires = now_ + lifetime;
  return *this;
}

TestToken& TestToken::expired_by(Seconds ago) {
  descriptor_.expires = now_ - ago;
  descriptor_.not_before = descriptor_.issued_at = descriptor_.expires - Seconds(600);
  return *this;
}

TestToken& TestToken::valid_only_in(Seconds ahead) {
  descriptor_.not_before = now_ + ahead;
  descriptor_.expires = descriptor_.not_before + Seconds(600);
  return *this;
}

TestToken& TestToken::for_audience(std::string other) {
  descriptor_.audiences = {std::move(other)};
  return *this;
}

TestToken& TestToken::from_issuer(std::string other) {
  descriptor_.issuer = std::move(other);
  return *this;
}

TestToken& TestToken::of_type(std::string typ) {
  descriptor_.type = std::move(typ);
  return *this;
}

TestToken& TestToken::signed_by_another_key() {
  other_key_ = true;
  return *this;
}

TestToken& TestToken::with_unknown_kid() {
  unknown_kid_ = true;
  return *this;
}

TestToken& TestToken::without_expiration() {
  expires_ = false;
  return *this;
}

TestToken& TestToken::without_signature() {
  is_signed_ = false;
  return *this;
}

TestToken& TestToken::truncated() {
  is_whole_ = false;
  return *this;
}

// TokenDescriptor writes no token that is wrong on purpose, so what it would refuse is taken off afterwards.
std::string TestToken::payload() const {
  tokens::TokenDescriptor descriptor = descriptor_;
  descriptor.id = "test-token";
  if (!roles_.empty()) descriptor.claims.emplace_back("role", roles_);
  const std::string whole = tokens::write(descriptor, issuer_.key_, jose::Algorithm::ES256).value();
  const std::size_t begin = whole.find('.') + 1;
  std::string payload = base64url::decode(whole.substr(begin, whole.rfind('.') - begin)).value();
  if (expires_) return payload;
  const std::size_t exp = payload.find("\"exp\":");
  const std::size_t end = payload.find_first_of(",}", exp);
  return payload.erase(exp - 1, end - exp + 1);
}

std::string TestToken::str() const {
  if (!is_signed_)
    return base64url::encode(R"({"alg":"none","typ":"JWT"})") + '.' + base64url::encode(payload()) + '.';
  const jose::Key key = (other_key_ ? issuer_.other_key_ : issuer_.key_)
                            .with_kid(unknown_kid_ ? "unknown" : issuer_.key_.kid());
  std::string token = jose::sign_compact(payload(), key, jose::Algorithm::ES256, descriptor_.type).value();
  if (!is_whole_) token.resize(token.rfind('.'));
  return token;
}

TestIssuer::TestIssuer(const Clock& clock, std::string issuer, std::string audience)
    : clock_(clock),
      issuer_(std::move(issuer)),
      audience_(std::move(audience)),
      key_(jose::Key::from_pem(key_pem, "test-key").value()),
      other_key_(jose::Key::from_pem(other_key_pem, "test-key").value()) {}

void TestIssuer::configure(authentication::JwtBearerOptions& options) const {
  tokens::TokenValidationParameters& parameters = options.token_validation_parameters;
  parameters.valid_issuer = issuer_;
  parameters.valid_audience = audience_;
  parameters.issuer_signing_key = key_;
}

TestToken TestIssuer::token() const { return {*this, clock_.now()}; }

}  // namespace gatehouse::testing
