"""PyJWT: peer_pyjwt.py CASES."""
import json
import sys
import time

import jwt
from jwt.algorithms import get_default_algorithms

file = json.load(open(sys.argv[1]))
PRIVATE = ("d", "p", "q", "dp", "dq", "qi")


def key_of(one, is_private):
    algorithm = get_default_algorithms()[one["alg"]]
    jwk = one["key"] if is_private or one["key"]["kty"] == "oct" else {k: v for k, v in one["key"].items() if k not in PRIVATE}
    return algorithm.from_jwk(json.dumps(jwk))


def check(case, token):
    jwt.decode(token, key_of(case, False), algorithms=[case["alg"]], issuer=file["issuer"], audience=file["audience"])


def refuses(case):
    try:
        check(case, case["forged"])
        return False
    except jwt.InvalidTokenError:
        return True


answers = {}
for case in file["cases"]:
    if case["enc"] or case["alg"] not in get_default_algorithms():
        continue  # PyJWT encrypts nothing
    answer = answers[case["id"]] = {}
    try:
        check(case, case["token"])
        answer["accepts"] = True
        answer["refuses"] = refuses(case)
        now = int(time.time())
        claims = {"iss": file["issuer"], "aud": file["audience"], "iat": now, "exp": now + 600}
        answer["token"] = jwt.encode(claims, key_of(case, True), case["alg"], headers={"kid": case["key"]["kid"]})
    except Exception as error:  # whatever it was, the table names it
        answer["error"] = repr(error)
print(json.dumps({"peer": f"PyJWT {jwt.__version__}", "answers": answers}))
