/// Cases — how each kind of case is put to the test.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/vectors/runner/attack_setup.h"
#include "tests/vectors/runner/expectation.h"

namespace gatehouse::vectors {

/// One row of a file, ready to be judged. What `judge` refers to is the file's, which outlives it.
struct Case {
  std::string id;
  std::function<Differences()> judge;
};
using Cases = std::vector<Case>;

// The rows of a file, by its format (README of the vectors).
Cases cases_of_attacks(const Json& file, AttackHosts& hosts);
Cases cases_of_rfc(const Json& file);                ///< examples that the RFCs print
Cases cases_of_wycheproof(const Json& file);         ///< primitives and JOSE, by test groups
Cases cases_of_tokens(const Json& file, Json keys);  ///< other implementations' tokens
Cases cases_of_jwks(const Json& file);               ///< one provider's key set and its tokens
Cases cases_of_discovery(const Json& file,
                         Json provider);  ///< one provider's metadata, with its key set's file

Differences judge_token(AttackHosts& hosts, const Json& attack);      ///< a token, to a validator and a host
Differences judge_jws_json(AttackHosts& hosts, const Json& attack);   ///< every signature has to hold
Differences judge_authorize(AttackHosts& hosts, const Json& attack);  ///< a good token, to a policy
Differences judge_denied(AttackHosts& hosts, const Json& attack);     ///< a withdrawn token, to a deny list
Differences judge_jwks(const Json& attack);                           ///< a key set, as somebody publishes it
Differences judge_metadata(const Json& attack);                       ///< metadata, as somebody publishes it
Differences judge_origin(const Json& attack);                         ///< a server that keys are fetched from
Differences judge_key_life(const Json& attack);                       ///< keys that come and go, to a host
Differences judge_issuer(const Json& setup, const Json& attack);      ///< a request, to an issuer
Differences judge_refresh(const Json& setup, const Json& attack);     ///< refresh tokens, to an issuer
Differences judge_session_fixation(const Json& setup);                ///< a login that names a session
Differences judge_logs(const Json& setup);                            ///< what an issuer writes down
Differences judge_login(const Json& setup, const Json& attack);  ///< passwords that are tried, to a socket
Differences judge_secret(const Json& attack);                    ///< a secret, to a start
Differences judge_http(AttackHosts& hosts, const Json& attack);  ///< a request, to a socket

/// `keep_last_good`: where keys have come before, they serve on when this set comes after them; where none
/// have, none come.
void judge_last_good(const std::string& key_set, Differences& differences);

}  // namespace gatehouse::vectors
