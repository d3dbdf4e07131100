/// Cases — how each kind of case is put to the test.
#pragma once

#include "tests/vectors/runner/attack_setup.h"
#include "tests/vectors/runner/expectation.h"

namespace gatehouse::vectors {

Differences judge_token(AttackHosts& hosts, const Json& attack);      ///< a token, to a validator and a host
Differences judge_jws_json(AttackHosts& hosts, const Json& attack);   ///< every signature has to hold
Differences judge_authorize(AttackHosts& hosts, const Json& attack);  ///< a good token, to a policy
Differences judge_secret(const Json& attack);                         ///< a secret, to a start
Differences judge_http(AttackHosts& hosts, const Json& attack);       ///< a request, to a socket

}  // namespace gatehouse::vectors
