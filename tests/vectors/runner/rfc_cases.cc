#include <fmt/format.h>

#include "gatehouse/jose/content_encryption.h"
#include "gatehouse/jose/key_agreement.h"
#include "gatehouse/tokens/validate.h"
#include "tests/vectors/runner/cases.h"
#include "tests/vectors/runner/cookbook.h"
#include "tests/vectors/runner/jose_reading.h"

namespace gatehouse::vectors {
namespace {

std::string payload_of(const Json& one) {
  for (const char* member : {"payload_b64u", "plaintext_b64u"})
    if (one.contains(member)) return unbase64url(one.at(member));
  return one.value("payload", "");
}

std::vector<std::string> names(const Json& one) {
  std::vector<std::string> list;
  for (const char* member : {"alg", "enc"})
    if (one.contains(member) && one.at(member).is_string()) list.push_back(one.at(member));
  return list;
}

bool is_encrypted(const Json& one) {
  return one.contains("enc") || one.value("kind", "") == "jwe" || one.value("kind", "") == "nested";
}

// The only key of a case is the one that the token means, whatever name it has there.
std::vector<jose::Key> named_as_in(const std::string& token, std::vector<jose::Key> keys) {
  const Json document = Json::parse(token, nullptr, false);
  const Json header = document.is_object() ? document.value("header", Json::object()) : Json::object();
  if (keys.size() == 1 && keys.front().kid().empty())
    keys.front() = keys.front().with_kid(header.value("kid", ""));
  return keys;
}

// What the token says, by the keys of the case.
Result<std::string> open(const Json& one, const Json& keys) {
  const std::string token = one.at("token");
  GH_TRY(auto own, read_keys(keys));
  own = named_as_in(token, std::move(own));
  if (!is_encrypted(one))
    return open_jws(one.value("detached", false) ? with_payload(token, payload_of(one)) : token, own);
  GH_TRY(std::string content, open_jwe(token, own, names(one)));
  if (one.value("kind", "") != "nested") return content;
  GH_TRY(const auto inner, read_keys(one.at("inner_key")));
  return open_jws(content, inner, {one.at("inner_alg").get<std::string>()});
}

// Choices, in docs/security/choices.md: a JWE is read in its compact form only, and a payload always in
// base64url.
bool is_refused_by_choice(const Json& one) {
  const bool is_json_form = one.value("serialization", "compact") != "compact";
  return (is_encrypted(one) && is_json_form) || is_unencoded(one.at("token").get<std::string>());
}

Differences judge_example(const Json& file, const Json& one) {
  const Json keys = one.contains("key") ? one.at("key") : file.value("key", Json());
  const auto payload = open(one, keys);
  if (!one.at("valid").get<bool>() || is_refused_by_choice(one))
    return payload ? Differences{"ACCEPTED what must be refused"} : Differences{};
  if (!payload) return {refusal(payload)};
  Differences differences;
  const bool is_same =
      one.contains("claims") ? Json::parse(*payload) == one.at("claims") : *payload == payload_of(one);
  if (!is_same) differences.push_back("says something else than the RFC");
  if (one.value("detached", false) && open_jws(one.at("token").get<std::string>(), read_keys(keys).value()))
    differences.push_back("ACCEPTED without its payload");
  if (one.value("deterministic", false))
    judge_signing(one.at("token").get<std::string>(), read_key(keys).value(), differences);
  return differences;
}

Differences judge_thumbprint(const Json& one) {
  const auto key = read_key(one.at("key"));
  if (!key) return {refusal(key)};
  if (key->thumbprint() == one.at("sha256").get<std::string>()) return {};
  return {"thumbprint " + key->thumbprint()};
}

// RFC 9068: an access token and what has to be in it.
Differences judge_access_token(const Json& file, const Json& one) {
  tokens::TokenValidationParameters parameters{
      .valid_issuer = file.at("issuer"), .valid_audience = file.at("audience"), .rfc9068 = true};
  parameters.issuer_signing_keys = jose::KeySet::parse(file.at("jwks").dump()).value().keys();
  const auto token = tokens::TokenValidator::make(std::move(parameters))
                         .value()
                         .validate(one.at("token").get<std::string>(),
                                   Instant(Seconds(file.at("clock").get<std::int64_t>())));
  if (one.at("valid").get<bool>()) return token ? Differences{} : Differences{refusal(token)};
  if (token) return {"ACCEPTED what must be refused"};
  const std::string wanted = one.at("failure");
  const std::string code(gatehouse::code(token.error().kind));
  // What an absent iss, aud or exp is called besides: these are looked for first.
  static const std::map<std::string, std::string> absent = {{"claim_missing:iss", "issuer_invalid"},
                                                            {"claim_missing:aud", "audience_invalid"},
                                                            {"claim_missing:exp", "no_expiration"}};
  const auto known = absent.find(wanted);
  if (code == wanted || code + ':' + token.error().subject == wanted ||
      (known != absent.end() && known->second == code))
    return {};
  return {fmt::format("refused as {}:{}, not as {}", code, token.error().subject, wanted)};
}

// RFC 7517: every key of the set is read, and the private ones are seen to be such.
Differences judge_key_set(const Json& set, const Json& expect) {
  const auto keys = read_keys(set);
  if (!keys) return {refusal(keys)};
  Differences differences;
  if (expect.contains("keys") && expect.at("keys") != keys->size())
    differences.push_back(fmt::format("{} keys", keys->size()));
  for (const jose::Key& key : *keys)
    if (expect.contains("private") && expect.at("private") != key.is_private())
      differences.push_back(key.kid() + " is private, or not, against the RFC");
  if (set.contains("x5c") && !keys->front().has_certificate()) differences.push_back("no certificate");
  return differences;
}

// RFC 7518 appendix B.
Differences judge_content(const Json& one) {
  const auto& row = jose::traits(jose::parse_content_encryption(one.at("enc").get<std::string>()).value());
  const Secret key(unhex(one.at("key_hex")));
  const std::string iv = unhex(one.at("iv_hex")), aad = unhex(one.at("aad_hex"));
  const std::string plaintext = unhex(one.at("plaintext_hex"));
  const std::string ciphertext = unhex(one.at("ciphertext_hex")), tag = unhex(one.at("tag_hex"));
  const auto sealed = jose::seal(row, key, iv, aad, plaintext);
  if (sealed.ciphertext != ciphertext || sealed.tag != tag) return {"seals otherwise"};
  if (jose::open(row, key, iv, aad, ciphertext, tag) != plaintext) return {"does not open"};
  return {};
}

// RFC 7518 appendix C: what is agreed, and the key made of it.
Differences judge_agreement(const Json& one) {
  const auto own = read_key(one.at("ephemeral_key")), other = read_key(public_part(one.at("recipient_key")));
  if (!own || !other) return {"a key is refused"};
  const auto agreed = jose::agree(*own, *other);
  if (!agreed || agreed->reveal() != unhex(one.at("z_hex"))) return {"agrees on something else"};
  const std::string derived = unbase64url(one.at("derived_key_b64u"));
  const std::string u = unbase64url(one.at("apu")), v = unbase64url(one.at("apv"));
  if (jose::derive(*agreed, one.at("enc").get<std::string>(), {.u = u, .v = v}, derived.size()).reveal() !=
      derived)
    return {"derives another key"};
  return {};
}

// RFC 8037 A.6 and A.7, whose own private key is printed as octets.
Differences judge_montgomery(const Json& one) {
  Json own = one.at("epk");
  own["d"] = base64url_of(unhex(one.at("ephemeral_private_hex")));
  const auto ours = read_key(own), theirs = read_key(one.at("recipient_public"));
  if (!ours || !theirs) return {"a key is refused"};
  const auto agreed = jose::agree(*ours, *theirs);
  if (!agreed || agreed->reveal() != unhex(one.at("z_hex"))) return {"agrees on something else"};
  return {};
}

Differences judge_edwards(const Json& one) {
  Differences differences = judge_example(one, one);
  const auto key = read_key(one.at("key"));
  if (key && key->thumbprint() != one.at("thumbprint_sha256").get<std::string>())
    differences.push_back("thumbprint " + key->thumbprint());
  return differences;
}

// RFC 9449: the proof's own key is only believed where its thumbprint is the one that is expected.
Differences judge_proof(const Json& file, const Json& one) {
  const std::string proof = one.at("proof");
  const auto claims = open_jws(proof, read_keys(file.at("client_key")).value());
  if (!claims) return {refusal(claims)};
  Differences differences;
  if (Json::parse(*claims) != one.at("claims")) differences.push_back("says something else than the RFC");
  const auto own = read_key(header_of(proof).at("jwk"));
  if (!own || own->thumbprint() != file.at("jkt").get<std::string>())
    differences.push_back("the key of the proof has another thumbprint");
  return differences;
}

// Its key is not published: it is read, and not verified.
Differences judge_bound_token(const Json& one) {
  const std::string token = one.at("token");
  const auto jws = jose::parse_jws(token);
  if (!jws) return {refusal(jws)};
  if (header_of(token) != one.at("header") ||
      Json::parse(unbase64url(std::string(jws->payload))) != one.at("claims"))
    return {"says something else than the RFC"};
  return {};
}

void add_examples(const Json& file, Cases& cases) {
  for (const Json& one : file.value("cases", Json::array())) {
    std::function<Differences()> judge = [&file, one] { return judge_example(file, one); };
    if (one.contains("sha256")) judge = [one] { return judge_thumbprint(one); };
    if (file.contains("issuer")) judge = [&file, one] { return judge_access_token(file, one); };
    cases.push_back({one.at("id"), std::move(judge)});
  }
}

// Members that stand for a case each, beside `cases`.
void add_others(const Json& file, Cases& cases) {
  using Judge = Differences (*)(const Json&);
  static const std::map<std::string, Judge> single = {{"ecdh_es", judge_agreement},
                                                      {"ed25519", judge_edwards},
                                                      {"x25519", judge_montgomery},
                                                      {"x448", judge_montgomery},
                                                      {"bound_access_token", judge_bound_token},
                                                      {"cookbook_x25519_ecdh_es", judge_cookbook}};
  for (const auto& row : single)
    if (file.contains(row.first))
      cases.push_back({file.at(row.first).at("id"),
                       [&one = file.at(row.first), judge = row.second] { return judge(one); }});
  const Json sets = file.value("jwks", Json::object()), expect = file.value("expect", Json::object());
  for (const auto& row : sets.items())
    if (expect.contains(row.key()))
      cases.push_back({row.key(), [set = row.value(), wanted = expect.at(row.key())] {
                         return judge_key_set(set, wanted);
                       }});
  if (file.contains("B-x5c"))
    cases.push_back({"B-x5c", [&file] { return judge_key_set(file.at("B-x5c"), Json::object()); }});
  for (const Json& one : file.value("aes_cbc_hmac", Json::array()))
    cases.push_back({one.at("id"), [one] { return judge_content(one); }});
  for (const Json& one : file.value("proofs", Json::array()))
    cases.push_back({one.at("id"), [&file, one] { return judge_proof(file, one); }});
}

}  // namespace

Cases cases_of_rfc(const Json& file) {
  Cases cases;
  add_examples(file, cases);
  add_others(file, cases);
  const Json entries = file.value("entries", Json::object());
  for (const auto& row : entries.items())
    cases.push_back({row.key(), [entry = row.value()] { return judge_cookbook(entry); }});
  return cases;
}

}  // namespace gatehouse::vectors
