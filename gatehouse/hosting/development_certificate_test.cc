#include "gatehouse/hosting/development_certificate.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "gatehouse/hosting/development_secrets.h"
#include "gatehouse/hosting/tls.h"
#include "tests/support/temporary_folder.h"

namespace gatehouse::hosting {
namespace {

class Development : public testing::Test {
 protected:
  unsigned mode(const std::string& path) {
    struct stat status{};
    ::stat(path.c_str(), &status);
    return status.st_mode & 0777U;
  }

  test_support::TemporaryFolder folder_;
  const Instant now_ = SystemClock().now();
};

TEST_F(Development, ACertificateIsMadeOnceAndLoads) {
  const auto made = ensure_development_certificate(folder_.path("tls"), now_);
  ASSERT_TRUE(made) << made.error().subject;
  EXPECT_TRUE(made->was_made);
  EXPECT_NE(made->how_to_trust.find(made->certificate_file), std::string::npos);
  EXPECT_EQ(mode(made->key_file), 0600U);
  EXPECT_TRUE(TlsContext::load(made->certificate_file, made->key_file, now_));

  const std::string before = test_support::read_file(made->certificate_file);
  const auto again = ensure_development_certificate(folder_.path("tls"), now_);
  EXPECT_FALSE(again->was_made);
  EXPECT_EQ(again->how_to_trust, "");
  EXPECT_EQ(test_support::read_file(again->certificate_file), before);
}

TEST_F(Development, ACertificateIsMadeAgainAMonthBeforeItsEnd) {
  const std::string folder = folder_.path();
  ASSERT_TRUE(ensure_development_certificate(folder, now_));
  EXPECT_FALSE(ensure_development_certificate(folder, now_ + std::chrono::days(334))->was_made);
  EXPECT_TRUE(ensure_development_certificate(folder, now_ + std::chrono::days(336))->was_made);
}

TEST_F(Development, ASpoiledCertificateIsMadeAgain) {
  const std::string folder = folder_.path();
  const auto made = ensure_development_certificate(folder, now_);
  std::ofstream(made->key_file) << "spoiled";
  EXPECT_TRUE(ensure_development_certificate(folder, now_)->was_made);
}

TEST_F(Development, ASigningKeyJoinsWhatTheSecretsFileHolds) {
  const std::string path = folder_.path("orders/secrets.json");
  ASSERT_TRUE(make_development_signing_key(path));
  EXPECT_EQ(mode(path), 0600U);
  EXPECT_EQ(test_support::read_file(path).rfind(R"({"Jwt:SigningKey":")", 0), 0u);
  const std::string other = folder_.path("other.json");
  std::ofstream(other) << R"({"Smtp":{"Password":"p"}})";
  ASSERT_TRUE(make_development_signing_key(other));
  EXPECT_EQ(test_support::read_file(other).rfind(R"({"Smtp":{"Password":"p"},"Jwt:SigningKey":")", 0), 0u);
}

TEST_F(Development, ASecretsFileThatIsNoJsonIsLeftAlone) {
  const std::string path = folder_.path("secrets.json");
  std::ofstream(path) << "not json";
  EXPECT_FALSE(make_development_signing_key(path));
  EXPECT_EQ(test_support::read_file(path), "not json");
}

}  // namespace
}  // namespace gatehouse::hosting
