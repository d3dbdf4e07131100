/// JOSE reading — texts and keys of the vectors, given to the library as an application would.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/jose/jwe.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/jose/key_set.h"
#include "tests/vectors/runner/expectation.h"

namespace gatehouse::vectors {

std::string unhex(const Json& text);        ///< octets; throws for what is no hex
std::string unbase64url(const Json& text);  ///< octets; throws for what is no base64url

std::string base64url_of(std::string_view octets);

/// The decoded header of a compact token; throws for what has none.
Json header_of(std::string_view compact);

/// Whether a JWS says that its payload is not in base64url (RFC 7797).
bool is_unencoded(std::string_view token);

Result<jose::Key> read_key(const Json& jwk);

/// One JWK, a JWK set, a list of JWKs, or null. Fails as the first key that cannot be read.
Result<std::vector<jose::Key>> read_keys(const Json& keys);

/// The same key as others see it: without private members.
Json public_part(Json jwk);

/// What the signature of a compact JWS covers, when it holds.
Result<std::string> open_compact_jws(std::string_view token, const std::vector<jose::Key>& keys,
                                     std::vector<std::string> algorithms = {});

/// The same of one of the JSON forms, when every signature holds, or of a compact one.
Result<std::string> open_jws(std::string_view token, const std::vector<jose::Key>& keys,
                             std::vector<std::string> algorithms = {});

/// The content of a JWE that one of the keys opens: the ones that it names, or any.
Result<std::string> open_jwe(std::string_view token, const std::vector<jose::Key>& keys,
                             const std::vector<std::string>& algorithms = {});

/// A token or document whose payload travels elsewhere, with the payload put back (RFC 7515 appendix F).
std::string with_payload(std::string_view token, std::string_view payload);

/// Signs again what `compact` says, with `key` and the algorithm of its header: the same octets, or not.
void judge_signing(std::string_view compact, const jose::Key& key, Differences& differences);

/// What went wrong where something had to go right.
template <class Value>
std::string refusal(const Result<Value>& verdict) {
  return "refused: " + describe(verdict.error());
}

}  // namespace gatehouse::vectors
