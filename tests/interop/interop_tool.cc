// interop_tool mint                 a key and a token of ours for every algorithm, as JSON for the peers
// interop_tool verify CASES PEER…   judges what peers said of ours, and the tokens that they made
//
// A peer's answer is {"peer": name, "answers": {id: {"accepts": bool, "refuses": bool, "token": text}}}: what
// it says to our token, and to the same with its end bent. An algorithm that it does not have is not among
// the answers, one that it only reads has the token null, and one that failed has its "error". verify prints
// the table of docs/security/interop.md. Exit code 1 where anybody refused the other's token.

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "gatehouse/jose/algorithm.h"
#include "gatehouse/jose/encryption_algorithm.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/tokens/token_descriptor.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::interop {
namespace {

using Json = nlohmann::json;
using jose::Algorithm;
using jose::ContentEncryption;
using jose::Curve;
using jose::Key;
using jose::KeyManagement;
using jose::KeyManagementMode;

constexpr std::string_view issuer = "https://issuer.example";
constexpr std::string_view audience = "api://interop";
constexpr std::string_view password = "a long password that four parties know";

/// One line of the table. An encrypted token has a signed one inside, under the key "inner".
struct Row {
  std::string id;
  std::string alg;
  std::string enc = {};
  Key key;
};

// What the key says of its use is taken off: EdDSA has two names, and peers differ in what they make of the
// rest.
Json plain_jwk(const Key& key) {
  Json jwk = Json::parse(key.private_jwk().reveal());
  for (const char* member : {"alg", "use", "key_ops"}) jwk.erase(member);
  return jwk;
}

Key plain(const Result<Key>& key, const std::string& kid) {
  return Key::from_jwk(plain_jwk(key.value()).dump()).value().with_kid(kid);
}

Row signing(const std::string& id, Algorithm made_for, Algorithm algorithm) {
  return {.id = id, .alg = std::string(name(algorithm)), .key = plain(Key::generate(made_for), id)};
}

void add_signatures(std::vector<Row>& rows) {
  for (const auto& row : jose::algorithms())
    if (row.algorithm != Algorithm::EdDSA)
      rows.push_back(signing(std::string(row.name), row.algorithm, row.algorithm));
  rows.push_back(signing("EdDSA, Ed25519", Algorithm::Ed25519, Algorithm::EdDSA));
  rows.push_back(signing("EdDSA, Ed448", Algorithm::Ed448, Algorithm::EdDSA));
}

Row encrypting(const std::string& id, KeyManagement algorithm, ContentEncryption content, Key key) {
  return {.id = id,
          .alg = std::string(name(algorithm)),
          .enc = std::string(name(content)),
          .key = std::move(key)};
}

// Every key algorithm with a content algorithm, ECDH-ES on every curve, and every content algorithm by
// itself.
void add_encryptions(std::vector<Row>& rows) {
  constexpr auto content = ContentEncryption::A256CBC_HS512;
  for (const auto& row : jose::key_managements()) {
    const std::string id(row.name);
    if (row.mode == KeyManagementMode::direct) continue;
    if (row.mode == KeyManagementMode::password) {
      rows.push_back(encrypting(id, row.algorithm, content, Key::symmetric(Secret(password), id)));
    } else if (row.mode != KeyManagementMode::agreement) {
      rows.push_back(encrypting(id, row.algorithm, content, plain(Key::generate(row.algorithm), id)));
    } else {
      for (const Curve curve : {Curve::p256, Curve::p384, Curve::p521, Curve::x25519, Curve::x448}) {
        const std::string on = fmt::format("{}, {}", id, traits(curve).name);
        rows.push_back(
            encrypting(on, row.algorithm, content, plain(Key::generate(row.algorithm, curve), on)));
      }
    }
  }
  for (const auto& row : jose::content_encryptions()) {
    const std::string id = fmt::format("dir, {}", row.name);
    rows.push_back(
        encrypting(id, KeyManagement::dir, row.algorithm, plain(Key::generate(row.algorithm), id)));
  }
}

std::string token_of(const Row& row, const Key& inner) {
  const auto descriptor = tokens::with_default_times(
      {.issuer = std::string(issuer), .audiences = {std::string(audience)}, .subject = row.id},
      SystemClock().now());
  if (row.enc.empty())
    return tokens::write(descriptor, row.key, jose::parse_algorithm(row.alg).value()).value();
  return tokens::write(descriptor, inner, Algorithm::HS256,
                       {.key = row.key,
                        .algorithm = jose::parse_key_management(row.alg).value(),
                        .content = jose::parse_content_encryption(row.enc).value()})
      .value();
}

// The end of a token is what nobody can make without the key: a signature, or the tag of its content.
std::string forged(std::string token) {
  char& near_the_end = token.at(token.size() - 4);
  near_the_end = near_the_end == 'A' ? 'B' : 'A';
  return token;
}

int mint() {
  std::vector<Row> rows;
  add_signatures(rows);
  add_encryptions(rows);
  const Key inner = plain(Key::generate(Algorithm::HS256), "inner");
  Json cases = Json::array();
  for (const Row& row : rows) {
    const std::string token = token_of(row, inner);
    cases.push_back({{"id", row.id},
                     {"alg", row.alg},
                     {"enc", row.enc},
                     {"key", plain_jwk(row.key)},
                     {"token", token},
                     {"forged", forged(token)}});
  }
  std::cout << Json{{"issuer", issuer}, {"audience", audience}, {"inner", plain_jwk(inner)}, {"cases", cases}}
                   .dump(1)
            << '\n';
  return 0;
}

Result<tokens::Token> validate(const Json& file, const Json& one, const std::string& token) {
  tokens::TokenValidationParameters parameters{.valid_issuer = file.at("issuer"),
                                               .valid_audience = file.at("audience")};
  const Key key = Key::from_jwk(one.at("key").dump()).value();
  const std::string alg = one.at("alg"), enc = one.at("enc");
  if (enc.empty()) {
    parameters.issuer_signing_keys = {key};
    parameters.valid_algorithms = {alg};
  } else {
    parameters.issuer_signing_keys = {Key::from_jwk(file.at("inner").dump()).value()};
    parameters.token_decryption_keys = {key};
    parameters.valid_encryption_algorithms = {alg, enc};
    parameters.maximum_pbes2_rounds = 100'000;  // latchset jose writes 32,768, above the default cap
  }
  GH_TRY(const auto validator, tokens::TokenValidator::make(std::move(parameters)));
  return validator.validate(token, SystemClock().now());
}

// What stands in the table, and whether somebody refused.
struct Verdict {
  std::string cell;
  bool disagrees = false;
};

Verdict judge(const Json& file, const Json& one, const Json& peer) {
  const auto found = peer.at("answers").find(one.at("id").get<std::string>());
  if (found == peer.at("answers").end()) return {"–"};
  const auto report = [&](const std::string& what) {
    fmt::print(stderr, "{}, {}: {}\n", peer.at("peer").get<std::string>(), one.at("id").get<std::string>(),
               what);
  };
  if (!found->value("accepts", false)) {
    report("they refuse ours: " + found->value("error", "no reason given"));
    return {"they refuse", true};
  }
  if (!found->value("refuses", false)) {
    report("they accept ours when it is forged");
    return {"they accept a forgery", true};
  }
  if (found->contains("token") && found->at("token").is_null()) return {"reads ours"};
  if (!found->contains("token")) {
    report("they make none: " + found->value("error", "no reason given"));
    return {"they make none", true};
  }
  const std::string theirs = found->at("token");
  const auto accepted = validate(file, one, theirs);
  if (accepted && validate(file, one, forged(theirs))) {
    report("we accept theirs when it is forged");
    return {"we accept a forgery", true};
  }
  if (accepted) return {"both ways"};
  report("we refuse theirs: " + describe(accepted.error()));
  return {"we refuse", true};
}

Json read(const char* path) {
  std::ifstream file(path);
  return Json::parse(file);
}

int verify(const Json& file, const std::vector<Json>& peers) {
  std::string head = "| algorithm |", line = "| --- |", without;
  for (const Json& peer : peers) {
    head += fmt::format(" {} |", peer.at("peer").get<std::string>());
    line += " --- |";
  }
  fmt::print("{}\n{}\n", head, line);
  bool disagrees = false;
  for (const Json& one : file.at("cases")) {
    bool has_peer = false;
    std::string cells;
    for (const Json& peer : peers) {
      const Verdict verdict = judge(file, one, peer);
      disagrees = disagrees || verdict.disagrees;
      has_peer = has_peer || verdict.cell != "–";
      cells += fmt::format(" {} |", verdict.cell);
    }
    const std::string id = one.at("id");
    fmt::print("| {} |{}\n", id, cells);
    if (!has_peer) without += (without.empty() ? "" : "; ") + id;
  }
  fmt::print("\nNo peer: {}.\n", without.empty() ? "none" : without);
  return disagrees ? 1 : 0;
}

int run(const std::vector<const char*>& arguments) {
  if (arguments.size() == 1 && std::string_view(arguments[0]) == "mint") return mint();
  if (arguments.size() > 2 && std::string_view(arguments[0]) == "verify") {
    std::vector<Json> peers;
    for (std::size_t i = 2; i < arguments.size(); ++i) peers.push_back(read(arguments[i]));
    return verify(read(arguments[1]), peers);
  }
  std::cerr << "usage: interop_tool mint | verify CASES PEER...\n";
  return 2;
}

}  // namespace
}  // namespace gatehouse::interop

int main(int argc, char** argv) {
  try {
    return gatehouse::interop::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "interop_tool: " << error.what() << '\n';
    return 2;
  }
}
