#include "gatehouse/hosting/development_certificate.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "gatehouse/hosting/development_secrets.h"
#include "gatehouse/hosting/tls.h"

namespace gatehouse::hosting {
namespace {

class Development : public testing::Test {
 protected:
  ~Development() override { std::filesystem::remove_all(folder_); }

  std::string read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  unsigned mode(const std::string& path) {
    struct stat status{};
    ::stat(path.c_str(), &status);
    return status.st_mode & 0777U;
  }

  std::filesystem::path folder_ = [] {
    std::string pattern = testing::TempDir() + "gatehouse_devXXXXXX";
    return std::filesystem::path(::mkdtemp(pattern.data()));
  }();
  const Instant now_ = SystemClock().now();
};

TEST_F(Development, ACertificateIsMadeOnceAndLoads) {
  const auto made = ensure_development_certificate((folder_ / "tls").string(), now_);
  ASSERT_TRUE(made) << made.error().subject;
  EXPECT_TRUE(made->was_made);
  EXPECT_NE(made->how_to_trust.find(made->certificate_file), std::string::npos);
  EXPECT_EQ(mode(made->key_file), 0600U);
  EXPECT_TRUE(TlsContext::load(made->certificate_file, made->key_file, now_));

  const std::string before = read(made->certificate_file);
  const auto again = ensure_development_certificate((folder_ / "tls").string(), now_);
  EXPECT_FALSE(again->was_made);
  EXPECT_EQ(again->how_to_trust, "");
  EXPECT_EQ(read(again->certificate_file), before);
}

TEST_F(Development, ACertificateIsMadeAgainAMonthBeforeItsEnd) {
  const std::string folder = folder_.string();
  ASSERT_TRUE(ensure_development_certificate(folder, now_));
  EXPECT_FALSE(ensure_development_certificate(folder, now_ + std::chrono::days(334))->was_made);
  EXPECT_TRUE(ensure_development_certificate(folder, now_ + std::chrono::days(336))->was_made);
}

TEST_F(Development, ASpoiledCertificateIsMadeAgain) {
  const std::string folder = folder_.string();
  const auto made = ensure_development_certificate(folder, now_);
  std::ofstream(made->key_file) << "spoiled";
  EXPECT_TRUE(ensure_development_certificate(folder, now_)->was_made);
}

TEST_F(Development, ASigningKeyJoinsWhatTheSecretsFileHolds) {
  const std::string path = (folder_ / "orders" / "secrets.json").string();
  ASSERT_TRUE(make_development_signing_key(path));
  EXPECT_EQ(mode(path), 0600U);
  EXPECT_EQ(read(path).rfind(R"({"Jwt:SigningKey":")", 0), 0u);
  const std::string other = (folder_ / "other.json").string();
  std::ofstream(other) << R"({"Smtp":{"Password":"p"}})";
  ASSERT_TRUE(make_development_signing_key(other));
  EXPECT_EQ(read(other).rfind(R"({"Smtp":{"Password":"p"},"Jwt:SigningKey":")", 0), 0u);
}

TEST_F(Development, ASecretsFileThatIsNoJsonIsLeftAlone) {
  const std::string path = (folder_ / "secrets.json").string();
  std::ofstream(path) << "not json";
  EXPECT_FALSE(make_development_signing_key(path));
  EXPECT_EQ(read(path), "not json");
}

}  // namespace
}  // namespace gatehouse::hosting
