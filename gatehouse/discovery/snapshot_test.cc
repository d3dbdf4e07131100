#include "gatehouse/discovery/snapshot.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/base/json.h"
#include "gatehouse/jose/jws.h"
#include "tests/support/failure_of.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_keys.h"

namespace gatehouse::discovery {
namespace {

using jose::Algorithm;
using jose::Key;
using jose::KeySet;
using test_support::failure_of;
using test_support::TemporaryFolder;

constexpr Instant now{Seconds(1'768'467'600)};
const std::string address = "https://issuer.example/.well-known/openid-configuration";
const Secret secret("a secret of the snapshot, 32 octets");

const MetadataRules rules{.issuer = "https://issuer.example", .address = Url::parse(address).value()};

Snapshot snapshot_of(std::string keys) {
  return {.address = address,
          .fetched = now,
          .metadata = R"({"issuer":"https://issuer.example","jwks_uri":"https://issuer.example/jwks"})",
          .keys = std::move(keys)};
}

const Snapshot& small() {
  static const Snapshot snapshot =
      snapshot_of(KeySet({Key::generate(Algorithm::EdDSA, "k1").value()}).public_jwks());
  return snapshot;
}

std::string sealed(std::string_view payload, std::string_view typ = "gatehouse-snapshot") {
  return jose::sign_compact(payload, Key::symmetric(secret), Algorithm::HS256, typ).value();
}

std::string with_member(std::string jwk, const std::string& member) { return jwk.insert(1, member + ","); }

// --- Out and back

std::string certified_jwk() {
  const Key key = Key::from_pem(test_keys::p256_certificate, "certified").value();
  std::string x5c(test_keys::p256_certificate);
  x5c = x5c.substr(x5c.find('\n'), x5c.rfind("\n-----END") - x5c.find('\n'));
  std::erase(x5c, '\n');
  return with_member(key.public_jwk(), fmt::format(R"("x5c":["{}"])", x5c));
}

// Every kind of key, and everything that a key may say of itself.
std::string every_kind_of_key() {
  std::vector<std::string> all = {certified_jwk()};
  for (const jose::AlgorithmTraits& row : jose::algorithms())
    if (row.key_type != jose::KeyType::oct && !row.on_request)
      all.push_back(Key::generate(row.algorithm, std::string(row.name)).value().public_jwk());
  const std::string plain = Key::generate(Algorithm::ES256).value().with_kid("").public_jwk();
  all.push_back(plain);
  all.push_back(with_member(plain, R"("kid":"with key_ops","key_ops":["verify"])"));
  all.emplace_back(R"({"kty":"EC","crv":"P-256","x":"AA","kid":"unusable \u00e9\u0000\""})");
  return fmt::format(R"({{"note":"of no use","keys":[{}]}})", fmt::join(all, ","));
}

std::vector<std::string> identities(const KeySet& keys) {
  std::vector<std::string> all;
  for (const Key& key : keys.keys())
    all.push_back(fmt::format("{} {} {} {} {} {}", key.public_jwk(), key.use(), key.algorithm_name(),
                              fmt::join(key.operations(), " "), key.x5t(), format_instant(key.not_after())));
  return all;
}

TEST(Snapshot, ReadsBackEveryKindOfKeyWithAllThatLimitsIt) {
  const std::string document = every_kind_of_key();
  const auto read = decode(encode(snapshot_of(document), secret).value(), secret);
  ASSERT_TRUE(read) << read.error().subject;
  const KeySet before = parse_key_set(document).value(), after = parse_key_set(read->keys).value();
  EXPECT_GE(before.keys().size(), 8u);
  EXPECT_EQ(identities(after), identities(before));
  EXPECT_TRUE(after.find_first("certified")->has_certificate());
  EXPECT_EQ(after.find_first("with key_ops")->operations(), std::vector<std::string>{"verify"});
  EXPECT_EQ(read->address, address);
  EXPECT_EQ(read->fetched, now);
  EXPECT_EQ(decode(encode(*read, secret).value(), secret), *read);
}

TEST(Snapshot, KeepsAFractionOfASecond) {
  Snapshot late = small();
  late.fetched = now + std::chrono::milliseconds(250);
  EXPECT_EQ(decode(encode(late, secret).value(), secret), late);
}

TEST(Snapshot, HoldsNoSecret) {
  const std::string oct(Key::symmetric(Secret(std::string(32, 's')), "s").private_jwk().reveal());
  const std::string pair(Key::generate(Algorithm::EdDSA, "p").value().private_jwk().reveal());
  const std::string open = Key::generate(Algorithm::EdDSA, "o").value().public_jwk();
  const std::string document = fmt::format(R"({{"keys":[{},{},{},{{"k":"bm8ga2luZA"}}]}})", oct, open, pair);
  const Snapshot read = decode(encode(snapshot_of(document), secret).value(), secret).value();
  EXPECT_EQ(read.keys, fmt::format(R"({{"keys":[{}]}})", open));
}

TEST(Snapshot, IsNotMadeOfWhatIsNoKeySet) {
  for (const char* document : {"", "[]", R"({"keys":{}})", R"({"keys":[],"keys":[]})", "{"})
    EXPECT_FALSE(encode(snapshot_of(document), secret)) << document;
  EXPECT_EQ(failure_of(encode(small(), Secret("a key of less than 32 octets"))), Failure::weak_key);
  const std::string large = fmt::format(R"({{"keys":[{{"kty":"EC","x":"{}"}}]}})", std::string(900'000, 'x'));
  EXPECT_EQ(failure_of(encode(snapshot_of(large), secret)), Failure::too_large);
}

TEST(Snapshot, KeepsWhatIsNestedAsDeepAsADocumentMayBe) {
  std::string deep = small().keys;
  deep.insert(deep.rfind("}]"), fmt::format(R"(,"deep":{}{})", std::string(61, '['), std::string(61, ']')));
  ASSERT_TRUE(parse_key_set(deep));
  EXPECT_TRUE(decode(encode(snapshot_of(deep), secret).value(), secret));
}

// --- Refused

TEST(Snapshot, IsRefusedWhateverBitOfItWasFlipped) {
  const std::string text = encode(small(), secret).value();
  for (std::size_t at = 0; at < text.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      std::string spoiled = text;
      spoiled[at] = static_cast<char>(spoiled[at] ^ (1 << bit));
      ASSERT_EQ(failure_of(decode(spoiled, secret)), Failure::signature_invalid) << at << " " << bit;
    }
}

TEST(Snapshot, IsRefusedWhereverItWasCutOffOrGrew) {
  const std::string text = encode(small(), secret).value();
  for (std::size_t size = 0; size < text.size(); ++size)
    ASSERT_EQ(failure_of(decode(text.substr(0, size), secret)), Failure::signature_invalid) << size;
  for (const char* more : {"\n", "A", "=", ".", " "})
    EXPECT_EQ(failure_of(decode(text + more, secret)), Failure::signature_invalid) << more;
}

TEST(Snapshot, IsRefusedUnderAnotherKey) {
  const std::string text = encode(small(), Secret("another secret of at least 32 octets")).value();
  EXPECT_EQ(failure_of(decode(text, secret)), Failure::signature_invalid);
  const std::string unsigned_text = "eyJhbGciOiJub25lIn0" + text.substr(text.find('.'));
  EXPECT_EQ(failure_of(decode(unsigned_text.substr(0, unsigned_text.rfind('.') + 1), secret)),
            Failure::signature_invalid);
}

const std::string empty_payload =
    R"({"version":1,"address":"a","fetched":"2026-01-15T09:00:00Z","metadata":{},"jwks":{}})";

struct PayloadCase {
  const char* name;
  std::string from, to;  // in the payload of a good one
  const char* why;
};

class Payload : public ::testing::TestWithParam<PayloadCase> {};

TEST_P(Payload, IsOneSnapshotOrNone) {
  std::string payload = empty_payload;
  ASSERT_TRUE(decode(sealed(payload), secret));
  const std::size_t at = payload.find(GetParam().from);
  ASSERT_NE(at, payload.npos);
  payload.replace(at, GetParam().from.size(), GetParam().to);
  const auto read = decode(sealed(payload), secret);
  ASSERT_FALSE(read);
  EXPECT_EQ(failure_of(read), Failure::type_invalid);
  EXPECT_TRUE(read.error().subject.contains(GetParam().why)) << read.error().subject;
}

const std::vector<PayloadCase> payload_cases = {
    {"Later", R"("version":1)", R"("version":2)", "version 1"},
    {"OfNoVersion", R"("version":1,)", "", "version 1"},
    {"OfAVersionInText", R"("version":1)", R"("version":"1")", "version 1"},
    {"Twice", R"("version":1)", R"("version":1,"version":1)", "twice"},
    {"FromNowhere", R"("address":"a",)", "", "from where"},
    {"AtNoTime", R"("fetched":"2026-01-15T09:00:00Z",)", "", "when"},
    {"AtATimeThatIsNone", "T09:00:00Z", "", "when"},
    {"WithoutMetadata", R"("metadata":{},)", "", "no 'metadata'"},
    {"WithoutKeys", R"("jwks":{})", R"("jwks":[])", "no 'jwks'"},
    {"NoObject", R"({"version":1)", R"([{"version":1)", "no JSON"},
    {"Longer", R"("jwks":{}})", R"("jwks":{}}{})", "no JSON"},
};

INSTANTIATE_TEST_SUITE_P(Snapshot, Payload, ::testing::ValuesIn(payload_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Snapshot, IsNoTokenUnderTheSameKey) {
  EXPECT_TRUE(decode(sealed(empty_payload), secret));
  EXPECT_EQ(failure_of(decode(sealed(empty_payload, "JWT"), secret)), Failure::type_invalid);
}

// --- Believed

struct BelievedCase {
  const char* name;
  std::function<void(Snapshot&)> spoil = [](Snapshot&) {};
  std::chrono::milliseconds age{0};
  Seconds lifetime = std::chrono::hours(24);
  std::optional<Failure> expected = {};
};

class Restoring : public ::testing::TestWithParam<BelievedCase> {};

TEST_P(Restoring, JudgesASnapshotByTodaysOptions) {
  Snapshot snapshot = small();
  GetParam().spoil(snapshot);
  const Instant at = now + GetParam().age;
  const auto restored = restore(snapshot, rules, GetParam().lifetime, at);
  EXPECT_EQ(failure_of(restored), GetParam().expected);
  if (!restored) return;
  EXPECT_EQ(restored->fetched, std::min(now, at));
  EXPECT_EQ(restored->metadata.jwks_uri.text(), "https://issuer.example/jwks");
  EXPECT_TRUE(restored->keys.find_first("k1"));
}

void replace(std::string& text, std::string_view from, std::string_view to) {
  text.replace(text.find(from), from.size(), to);
}

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;

const std::vector<BelievedCase> believed_cases = {
    {.name = "AtOnce"},
    {.name = "UntilItsLifetimeIsOver", .age = hours(24) - milliseconds(1)},
    {.name = "NoLonger", .age = hours(24), .expected = Failure::expired},
    {.name = "AWeekWhereKeysServeForEver", .age = days(7) - milliseconds(1), .lifetime = Seconds(0)},
    {.name = "NoLongerThanAWeek", .age = days(7), .lifetime = Seconds(0), .expected = Failure::expired},
    {.name = "LongerWhereAskedFor", .age = days(20), .lifetime = days(30)},
    {.name = "AMinuteAhead", .age = -Seconds(60)},
    {.name = "NoFurtherAhead", .age = -Seconds(60) - milliseconds(1), .expected = Failure::not_yet_valid},
    {.name = "NotOfAnotherAddress",
     .spoil = [](Snapshot& s) { replace(s.address, "issuer.example", "other.example"); },
     .expected = Failure::metadata_invalid},
    {.name = "NotOfAnotherIssuer",
     .spoil = [](Snapshot& s) { replace(s.metadata, "issuer.example", "other.example"); },
     .expected = Failure::metadata_invalid},
    {.name = "NotOfHttp",
     .spoil =
         [](Snapshot& s) { replace(s.metadata, "https://issuer.example/jwks", "http://issuer.example/"); },
     .expected = Failure::metadata_invalid},
    {.name = "NotOfAnAddressWithin",
     .spoil =
         [](Snapshot& s) { replace(s.metadata, "https://issuer.example/jwks", "https://10.0.0.1/jwks"); },
     .expected = Failure::metadata_invalid},
    {.name = "NotWithoutKeys",
     .spoil = [](Snapshot& s) { s.keys = R"({"keys":[]})"; },
     .expected = Failure::metadata_invalid},
    {.name = "NotWithAPrivateKey",
     .spoil =
         [](Snapshot& s) {
           s.keys = fmt::format(R"({{"keys":[{}]}})",
                                Key::generate(Algorithm::EdDSA).value().private_jwk().reveal());
         },
     .expected = Failure::metadata_invalid},
};

INSTANTIATE_TEST_SUITE_P(Snapshot, Restoring, ::testing::ValuesIn(believed_cases),
                         [](const auto& test) { return test.param.name; });

// --- On the disk

TEST(SnapshotFile, KeepsASnapshotAndItsKeyForItsOwnerAlone) {
  const TemporaryFolder folder;
  const SnapshotFile file(folder.path("keys"), "");
  EXPECT_EQ(failure_of(file.read()), Failure::not_found);
  ASSERT_TRUE(file.write(small()));
  EXPECT_EQ(file.read(), small());
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"keys", "keys.key"}));
  for (const std::string& name : folder.names()) {
    using std::filesystem::perms;
    EXPECT_EQ(std::filesystem::status(folder.path(name)).permissions(),
              perms::owner_read | perms::owner_write);
  }
  // The key is made once.
  const std::string key = test_support::read_file(folder.path("keys.key"));
  EXPECT_EQ(key.size(), 43u);
  ASSERT_TRUE(SnapshotFile(folder.path("keys"), "").write(small()));
  EXPECT_EQ(test_support::read_file(folder.path("keys.key")), key);
  ASSERT_TRUE(file.remove());
  EXPECT_EQ(failure_of(file.read()), Failure::not_found);
}

TEST(SnapshotFile, TakesTheKeyThatItIsGiven) {
  const TemporaryFolder folder;
  test_support::write_file(folder.path("secret"), std::string(secret.reveal()) + "\n");
  std::filesystem::create_symlink("secret", folder.path("mounted"));
  const SnapshotFile file(folder.path("keys"), folder.path("mounted"));
  EXPECT_TRUE(file.check());
  ASSERT_TRUE(file.write(small()));
  EXPECT_EQ(decode(test_support::read_file(folder.path("keys")), secret), small());
  EXPECT_EQ(file.read(), small());
  std::filesystem::remove(folder.path("secret"));
  EXPECT_EQ(failure_of(file.read()), Failure::signature_invalid);
  EXPECT_EQ(failure_of(file.write(small())), Failure::not_found);  // it is not made in its place
}

TEST(SnapshotFile, RefusesOneOfAnotherHostWithItsOwnKey) {
  const TemporaryFolder here, there;
  ASSERT_TRUE(SnapshotFile(here.path("keys"), "").write(small()));
  ASSERT_TRUE(SnapshotFile(there.path("keys"), "").write(small()));
  std::filesystem::copy_file(there.path("keys"), here.path("keys"),
                             std::filesystem::copy_options::overwrite_existing);
  const auto read = SnapshotFile(here.path("keys"), "").read();
  EXPECT_EQ(failure_of(read), Failure::signature_invalid);
  EXPECT_TRUE(read.error().subject.starts_with(here.path("keys"))) << read.error().subject;
}

}  // namespace
}  // namespace gatehouse::discovery
