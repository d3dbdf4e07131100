#include "gatehouse/jose/jws_json.h"

#include <gtest/gtest.h>

#include <string>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jwe.h"
#include "gatehouse/jose/jws.h"

namespace gatehouse::jose {
namespace {

const Key hmac = Key::symmetric(Secret("the first secret of 32 octets !!"), "h1");
const Key ed = Key::generate(Algorithm::EdDSA, "e1").value();
const Key stranger = Key::generate(Algorithm::EdDSA, "e1").value();
const KeySet keys({hmac, ed});

using Indexes = std::vector<std::size_t>;

Result<Indexes> verify_text(const std::string& text, RequiredSignatures required, const KeySet& with = keys) {
  GH_TRY(const JsonJws jws, parse_jws_json(text));
  return verify(jws, with, required);
}

std::string two_signatures(const Key& first, const Key& second) {
  const JsonSigner signers[] = {
      {first, first.type() == KeyType::oct ? Algorithm::HS256 : Algorithm::EdDSA},
      {second, second.type() == KeyType::oct ? Algorithm::HS256 : Algorithm::EdDSA}};
  return sign_json("payload", signers).value();
}

TEST(JwsJson, VerifiesWhatItSignedInBothForms) {
  const std::string flattened = sign_json_flattened("payload", {ed, Algorithm::EdDSA, "note"}).value();
  const JsonJws jws = parse_jws_json(flattened).value();
  EXPECT_EQ(jws.payload, "payload");
  EXPECT_EQ(jws.signatures.front().header.typ, "note");
  EXPECT_EQ(verify(jws, keys, RequiredSignatures::every_one), Indexes{0});
  EXPECT_EQ(verify_text(two_signatures(hmac, ed), RequiredSignatures::every_one), (Indexes{0, 1}));
}

TEST(JwsJson, SaysWhichSignaturesHold) {
  const std::string first_is_bad = two_signatures(stranger, hmac);
  EXPECT_EQ(verify_text(first_is_bad, RequiredSignatures::at_least_one), Indexes{1});
  EXPECT_EQ(verify_text(first_is_bad, RequiredSignatures::every_one).error().kind,
            Failure::signature_invalid);
  const std::string both_are_bad = two_signatures(stranger, stranger);
  EXPECT_EQ(verify_text(both_are_bad, RequiredSignatures::at_least_one).error().kind,
            Failure::signature_invalid);
}

TEST(JwsJson, NeedsAKeyThatIsKnownAndAnAlgorithmThatIsAllowed) {
  const std::string text = two_signatures(hmac, ed);
  EXPECT_EQ(verify_text(text, RequiredSignatures::every_one, KeySet({ed})).error(),
            (Error{Failure::key_not_found, "h1"}));
  EXPECT_EQ(verify_text(text, RequiredSignatures::at_least_one, KeySet()).error().kind,
            Failure::key_not_found);
  const JsonJws jws = parse_jws_json(text).value();
  EXPECT_EQ(verify(jws, keys, RequiredSignatures::at_least_one, {.valid_algorithms = {"EdDSA"}}), Indexes{1});
  EXPECT_EQ(verify(jws, keys, RequiredSignatures::every_one, {.valid_algorithms = {"EdDSA"}}).error(),
            (Error{Failure::alg_not_allowed, "HS256"}));
}

TEST(JwsJson, IsTriedWithTheKeysOfItsKidAlone) {
  const std::string text = sign_json_flattened("payload", {ed, Algorithm::EdDSA}).value();
  for (const KeySet& both : {KeySet({ed, stranger}), KeySet({stranger, ed})})
    EXPECT_EQ(verify_text(text, RequiredSignatures::every_one, both), Indexes{0});
  EXPECT_EQ(verify_text(text, RequiredSignatures::every_one, KeySet({ed.with_kid("e2")})).error(),
            (Error{Failure::key_not_found, "e1"}));
}

TEST(JwsJson, TellsWhatIsWrongWithTheFirstBadSignature) {
  const KeySet without_hmac({ed});
  for (const auto required : {RequiredSignatures::at_least_one, RequiredSignatures::every_one}) {
    EXPECT_EQ(verify_text(two_signatures(stranger, hmac), required, without_hmac).error().kind,
              Failure::signature_invalid);
    EXPECT_EQ(verify_text(two_signatures(hmac, stranger), required, without_hmac).error().kind,
              Failure::key_not_found);
  }
}

// RFC 7515 A.6: two signatures over one payload, the kid in the unprotected header.
TEST(Rfc7515, ReadsExampleA6) {
  constexpr std::string_view text =
      R"({"payload":"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",)"
      R"("signatures":[{"protected":"eyJhbGciOiJFUzI1NiJ9","header":{"kid":"e9bc097a-ce51-4036-9562-d2ade882db0d"},)"
      R"("signature":"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"}]})";
  const Key key =
      Key::from_jwk(
          R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
          R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","kid":"e9bc097a-ce51-4036-9562-d2ade882db0d"})")
          .value();
  const JsonJws jws = parse_jws_json(text).value();
  EXPECT_EQ(jws.signatures.front().header.kid, key.kid());
  EXPECT_EQ(verify(jws, KeySet({key}), RequiredSignatures::every_one), Indexes{0});
}

struct TextCase {
  const char* name;
  std::string text;
  Failure expected = Failure::malformed;
};

const std::string hs256 = base64url::encode(R"({"alg":"HS256"})");

std::string flattened(const std::string& members) { return R"({"payload":"e30",)" + members + "}"; }
std::string signed_part(const std::string& protected_header) {
  return R"("protected":")" + base64url::encode(protected_header) + R"(","signature":"AA")";
}

const TextCase texts[] = {
    {"ACompactToken", hs256 + ".e30.AA"},
    {"NoPayload", R"({)" + signed_part(R"({"alg":"HS256"})") + "}"},
    {"APayloadThatIsNoString", R"({"payload":{},)" + signed_part(R"({"alg":"HS256"})") + "}"},
    {"APaddedPayload", R"({"payload":"AA==",)" + signed_part(R"({"alg":"HS256"})") + "}"},
    {"NoProtectedHeader", flattened(R"("header":{"alg":"HS256"},"signature":"AA")")},
    {"AlgInTheUnprotectedHeaderAlone", flattened(R"("header":{"alg":"HS256"},)" + signed_part("{}"))},
    {"AlgInBothHeaders", flattened(R"("header":{"alg":"HS256"},)" + signed_part(R"({"alg":"HS256"})"))},
    {"AParameterInBothHeaders",
     flattened(R"("header":{"kid":"a"},)" + signed_part(R"({"alg":"HS256","kid":"a"})"))},
    {"CritUnprotected", flattened(R"("header":{"crit":["x"]},)" + signed_part(R"({"alg":"HS256"})")),
     Failure::crit_unsupported},
    {"CritProtected", flattened(signed_part(R"({"alg":"HS256","crit":["x"]})")), Failure::crit_unsupported},
    {"B64Unprotected", flattened(R"("header":{"b64":false},)" + signed_part(R"({"alg":"HS256"})")),
     Failure::crit_unsupported},
    {"B64Protected", flattened(signed_part(R"({"alg":"HS256","b64":false})")), Failure::crit_unsupported},
    {"AHeaderThatIsNoObject", flattened(R"("header":"x",)" + signed_part(R"({"alg":"HS256"})"))},
    {"AKidThatIsNoString", flattened(R"("header":{"kid":1},)" + signed_part(R"({"alg":"HS256"})"))},
    {"AKidBeyondItsCap",
     flattened(R"("header":{"kid":")" + std::string(257, 'k') + R"("},)" + signed_part(R"({"alg":"HS256"})")),
     Failure::too_large},
    {"BothForms", flattened(R"("signatures":[{)" + signed_part(R"({"alg":"HS256"})") + "}]," +
                            signed_part(R"({"alg":"HS256"})"))},
    {"NoSignatures", flattened(R"("signatures":[])")},
    {"SignaturesThatAreNoList", flattened(R"("signatures":{})")},
    {"SignaturesThatAreAnObject",
     flattened(R"("signatures":{"first":{)" + signed_part(R"({"alg":"HS256"})") + "}}")},
    {"ASignatureThatIsNoObject", flattened(R"("signatures":["AA"])")},
    {"NoSignature", flattened(R"("protected":"e30")")},
    {"AMemberTwice", flattened(R"("payload":"e30",)" + signed_part(R"({"alg":"HS256"})")),
     Failure::duplicate_member},
    {"AProtectedMemberTwice", flattened(signed_part(R"({"alg":"HS256","alg":"none"})")),
     Failure::duplicate_member},
    {"AListOfDocuments", "[]"},
    {"EncInTheUnprotectedHeader",
     flattened(R"("header":{"enc":"A128GCM"},)" + signed_part(R"({"alg":"HS256"})"))},
    {"ATypInBothHeaders",
     flattened(R"("header":{"typ":"a"},)" + signed_part(R"({"alg":"HS256","typ":"a"})"))},
    {"APaddedProtectedHeader", flattened(R"("protected":"e30=","signature":"AA")")},
    {"APaddedSignature", flattened(R"("protected":")" + hs256 + R"(","signature":"AA==")")},
    {"AProtectedHeaderThatIsNoJson", flattened(R"("protected":"AAAA","signature":"AA")")},
    {"AProtectedHeaderBesideSignatures",
     flattened(R"("protected":"e30","signatures":[{)" + signed_part(R"({"alg":"HS256"})") + "}]")},
    {"AHeaderBesideSignatures",
     flattened(R"("header":{},"signatures":[{)" + signed_part(R"({"alg":"HS256"})") + "}]")},
    {"ASignatureBesideSignatures",
     flattened(R"("signature":"AA","signatures":[{)" + signed_part(R"({"alg":"HS256"})") + "}]")},
    {"AJwe", flattened(signed_part(R"({"alg":"dir","enc":"A128GCM"})"))},
};

class BadJson : public testing::TestWithParam<TextCase> {};

TEST_P(BadJson, IsRefused) { EXPECT_EQ(parse_jws_json(GetParam().text).error().kind, GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(JwsJson, BadJson, testing::ValuesIn(texts),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(JwsJson, HasAtMostSixteenSignatures) {
  const auto with = [](int count) {
    std::string list;
    for (int i = 0; i < count; ++i) list += (i ? ",{" : "{") + signed_part(R"({"alg":"HS256"})") + '}';
    return flattened(R"("signatures":[)" + list + ']');
  };
  EXPECT_TRUE(parse_jws_json(with(16)));
  EXPECT_EQ(parse_jws_json(with(17)).error().kind, Failure::too_large);
}

TEST(JwsJson, IsNoCompactToken) {
  const std::string text = sign_json_flattened("payload", {hmac, Algorithm::HS256}).value();
  EXPECT_EQ(parse_jws(text).error().kind, Failure::malformed);
  EXPECT_EQ(parse_jwe(text).error().kind, Failure::malformed);
}

TEST(JwsJson, IsReadBesideParametersThatNobodyKnows) {
  const auto jws = parse_jws_json(flattened(R"("header":{"note":1},)" + signed_part(R"({"alg":"HS256"})")));
  ASSERT_TRUE(jws);
  EXPECT_FALSE(jws->signatures.front().header.has_kid);
}

TEST(JwsJson, HasAKidUpToItsCap) {
  const std::string kid(256, 'k');
  const auto jws =
      parse_jws_json(flattened(R"("header":{"kid":")" + kid + R"("},)" + signed_part(R"({"alg":"HS256"})")));
  ASSERT_TRUE(jws);
  EXPECT_EQ(jws->signatures.front().header.kid, kid);
}

TEST(JwsJson, LeavesOutWhatIsEmpty) {
  const std::string text = sign_json_flattened("payload", {hmac.with_kid(""), Algorithm::HS256}).value();
  EXPECT_TRUE(text.contains(R"("protected":")" + hs256 + '"')) << text;
}

TEST(JwsJson, WithoutAKidIsTriedWithFewKeysThatFit) {
  const Key nameless = hmac.with_kid("");
  const std::string text = sign_json_flattened("payload", {nameless, Algorithm::HS256}).value();
  const JsonJws jws = parse_jws_json(text).value();
  const Key other = Key::symmetric(Secret("another secret of 32 octets !!!!"), "h2");
  const auto tried = [&](std::vector<Key> with, std::size_t most) {
    return verify(jws, KeySet(std::move(with)), RequiredSignatures::every_one, {.maximum_keys_tried = most});
  };
  EXPECT_EQ(tried({ed, other, nameless}, 2), Indexes{0});  // a key that does not fit is not one of the few
  EXPECT_EQ(tried({other, nameless}, 1).error().kind, Failure::signature_invalid);
  EXPECT_EQ(tried({ed}, 4).error().kind, Failure::key_not_found);
}

TEST(JwsJson, IsVerifiedWithNoWeakKeyAndNoUnknownAlgorithm) {
  const std::string text = sign_json_flattened("payload", {hmac, Algorithm::HS256}).value();
  const JsonJws jws = parse_jws_json(text).value();
  const KeySet weak({Key::symmetric(Secret("too short"), "h1")});
  EXPECT_EQ(verify(jws, weak, RequiredSignatures::every_one).error().kind, Failure::weak_key);
  const JsonJws unknown = parse_jws_json(flattened(signed_part(R"({"alg":"HS1"})"))).value();
  EXPECT_EQ(verify(unknown, keys, RequiredSignatures::at_least_one).error(),
            (Error{Failure::alg_not_allowed, "HS1"}));
  EXPECT_EQ(verify({}, keys, RequiredSignatures::every_one).error().kind, Failure::no_signature);
}

TEST(JwsJson, NeedsASigner) { EXPECT_EQ(sign_json("x", {}).error().kind, Failure::configuration_invalid); }

}  // namespace
}  // namespace gatehouse::jose
