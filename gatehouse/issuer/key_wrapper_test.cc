#include "gatehouse/issuer/key_wrapper.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

#include "tests/support/temporary_folder.h"

namespace gatehouse::issuer {
namespace {

const std::string hex(64, 'a');
const std::string base64(43, 'A');

Secret secret(char c, std::size_t size = 32) { return Secret(std::string(size, c)); }

stores::StoredKey row(std::string id = "k1") {
  return {.id = std::move(id), .purpose = "sign:ES256", .number = 1};
}

std::string subject(const Result<Secret>& result) {
  EXPECT_FALSE(result);
  EXPECT_EQ(result.error().kind, Failure::configuration_invalid);
  EXPECT_FALSE(result.error().subject.contains(hex));
  return result.error().subject;
}

TEST(KeyWrapper, GivesBackWhatItWrapped) {
  const auto wrapper = KeyWrapper::make({secret('a')}).value();
  const auto wrapped = wrapper.wrap(row(), secret('p', 100));
  EXPECT_FALSE(wrapped.wrapped.contains("ppp"));
  EXPECT_TRUE(wrapper.has_wrapped(wrapped));
  EXPECT_EQ(wrapper.unwrap(wrapped).value(), secret('p', 100));
}

TEST(KeyWrapper, OpensWhatAnOlderKeyWrapped) {
  const auto old = KeyWrapper::make({secret('a')}).value();
  const auto both = KeyWrapper::make({secret('b'), secret('a')}).value();
  const auto wrapped = old.wrap(row(), secret('p'));
  EXPECT_FALSE(both.has_wrapped(wrapped));
  EXPECT_EQ(both.unwrap(wrapped).value(), secret('p'));
  EXPECT_FALSE(old.unwrap(both.wrap(row(), secret('p'))));
}

TEST(KeyWrapper, NamesTheKeyThatIsMissing) {
  const auto wrapped = KeyWrapper::make({secret('a')}).value().wrap(row(), secret('p'));
  const auto other = KeyWrapper::make({secret('b')}).value();
  EXPECT_EQ(subject(other.unwrap(wrapped)), "key 'k1' is wrapped under '" + wrapped.wrapping_key +
                                                "', which is not among the wrapping keys ('" + other.name() +
                                                "' is the first); give the one back that was there before");
}

TEST(KeyWrapper, OpensNoOtherRow) {
  const auto wrapper = KeyWrapper::make({secret('a')}).value();
  auto moved = wrapper.wrap(row(), secret('p'));
  moved.id = "k2";
  EXPECT_EQ(subject(wrapper.unwrap(moved)),
            "key 'k2' does not open under wrapping key '" + wrapper.name() + "': the store was changed");
}

TEST(KeyWrapper, NeedsAKeyOfItsLength) {
  EXPECT_EQ(KeyWrapper::make({}).error().kind, Failure::configuration_invalid);
  EXPECT_EQ(KeyWrapper::make({secret('a', 31)}).error().subject, "a wrapping key has 32 octets, not 31");
}

class WrappingKeyText : public testing::Test {
 protected:
  test_support::TemporaryFolder folder_;
};

TEST_F(WrappingKeyText, ComesFromAFile) {
  test_support::write_file(folder_.path("key"), hex + "\n", 0600);
  EXPECT_EQ(read_wrapping_key("file:" + folder_.path("key")).value(), secret('\xaa'));
  test_support::write_file(folder_.path("key"), base64, 0600);
  EXPECT_EQ(read_wrapping_key("file:" + folder_.path("key")).value(), secret('\0'));
}

TEST_F(WrappingKeyText, ComesFromTheEnvironmentOrACredential) {
  ::setenv("GATEHOUSE_TEST_WRAPPING_KEY", hex.c_str(), 1);
  EXPECT_EQ(read_wrapping_key("env:GATEHOUSE_TEST_WRAPPING_KEY").value(), secret('\xaa'));
  ::unsetenv("GATEHOUSE_TEST_WRAPPING_KEY");
  EXPECT_TRUE(
      subject(read_wrapping_key("env:GATEHOUSE_TEST_WRAPPING_KEY")).contains("not in the environment"));

  ::unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_TRUE(subject(read_wrapping_key("credential:kek")).contains("LoadCredential="));
  ::setenv("CREDENTIALS_DIRECTORY", folder_.path().c_str(), 1);
  test_support::write_file(folder_.path("kek"), hex, 0400);
  EXPECT_EQ(read_wrapping_key("credential:kek").value(), secret('\xaa'));
  ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_F(WrappingKeyText, IsRefusedWhenItIsNoneOrOthersMayReadIt) {
  for (const std::string& text :
       {std::string(), std::string("short"), hex + "aa", base64 + "A", std::string(64, 'g')}) {
    test_support::write_file(folder_.path("key"), text, 0600);
    EXPECT_TRUE(subject(read_wrapping_key("file:" + folder_.path("key"))).contains("openssl rand -hex 32"))
        << text;
  }
  test_support::write_file(folder_.path("open"), hex, 0644);
  EXPECT_TRUE(subject(read_wrapping_key("file:" + folder_.path("open"))).contains("cannot be read"));
  EXPECT_TRUE(subject(read_wrapping_key("file:/nowhere/key")).contains("cannot be read"));
  for (const char* source : {"", "file:", "kms:x", "/etc/key", "credential:../x"})
    EXPECT_TRUE(subject(read_wrapping_key(source)).contains("comes from 'file:PATH'")) << source;
}

}  // namespace
}  // namespace gatehouse::issuer
