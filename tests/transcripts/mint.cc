// mint [NAME=VALUE]... — prints a token for transcripts, good unless a word says otherwise. Its dates count
// from 2026-01-15T09:00:00Z, so that it is the same in every run but for its signature.
//
//   iss=… aud=… sub=… typ=… kid=… scope=…     these claims and headers
//   roles=…                                   realm_access.roles, as Keycloak writes it
//   exp=-90                                   seconds from then
//   alg=none                                  unsigned
//   key=other                                 signed by another key

#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include "gatehouse/base/base64url.h"
#include "gatehouse/base/json.h"
#include "gatehouse/jose/jws.h"
#include "tests/support/test_keys.h"

namespace {

using namespace gatehouse;

std::string payload(std::map<std::string, std::string>& words) {
  constexpr std::int64_t then = 1'768'467'600;
  json::Writer json;
  json.begin_object().member("iss", words["iss"]).member("aud", words["aud"]).member("sub", words["sub"]);
  json.member("iat", then - 540).member("exp", then + std::strtoll(words["exp"].c_str(), nullptr, 10));
  if (words.contains("scope")) json.member("scope", words["scope"]);
  if (words.contains("roles"))
    json.name("realm_access").raw(R"({"roles":[)" + json::quote(words["roles"]) + "]}");
  json.end_object();
  return std::move(json).take();
}

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, std::string> words = {{"iss", "https://id.example.com"},
                                              {"aud", "api://orders"},
                                              {"sub", "ada"},
                                              {"typ", "at+jwt"},
                                              {"kid", "a41f"},
                                              {"exp", "600"}};
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    words[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  }
  if (words["alg"] == "none") {
    std::cout << base64url::encode(R"({"alg":"none","typ":"at+jwt"})") << '.'
              << base64url::encode(payload(words)) << '.';
    return 0;
  }
  const auto key = words["key"] == "other" ? jose::Key::generate(jose::Algorithm::ES256)
                                           : jose::Key::from_pem(test_keys::p256);
  std::cout << jose::sign_compact(payload(words), key->with_kid(words["kid"]), jose::Algorithm::ES256,
                                  words["typ"])
                   .value();
  return 0;
}
