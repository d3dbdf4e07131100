/// Contender — one library in the comparison of ./dev bench peers.
#pragma once

#include <functional>
#include <map>
#include <string>

namespace gatehouse::peers {

/// One algorithm: a key in every form that somebody reads, a token to accept, and some to refuse.
struct Case {
  std::string algorithm;
  std::string jwk;     ///< the public key, or the secret
  std::string pem;     ///< the public key as SPKI; empty for HS256
  std::string secret;  ///< of HS256
  std::string issuer;
  std::string audience;
  std::string good;
  std::map<std::string, std::string> bad;  ///< by what is wrong: forged, issuer, audience, expired
};

/// Says whether a token holds: algorithm, signature, iss, aud and exp, so that its claims may be read.
using Judge = std::function<bool(const std::string& token)>;

struct Contender {
  std::string name;
  /// Does what the library lets one do once for a key. Empty where it has not got the algorithm.
  std::function<Judge(const Case&)> prepare;
  std::string note = {};  ///< what the library leaves to its caller, who is this program
};

Contender ours();
Contender ours_with_identity();
Contender cjose();
Contender libjwt();
Contender cpp_jwt();
Contender rhonabwy();

}  // namespace gatehouse::peers
