"""The command `jose` of latchset: peer_latchset.py CASES."""
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

file = json.load(open(sys.argv[1]))
work = Path(tempfile.mkdtemp())


def jose(*arguments, given=""):
    done = subprocess.run(["jose", *arguments], input=given.encode(), capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"jose {arguments[0]} {arguments[1]} said no {done.stderr.decode().strip()}")
    return done.stdout.decode()


def saved(name, value):
    path = work / name
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return str(path)


def key_file(case):
    # Its PBES2 takes the password itself, as a JSON string.
    if not case["alg"].startswith("PBES2"):
        return saved("key.jwk", case["key"])
    octets = subprocess.run(["jose", "b64", "dec", "-i", "-"], input=case["key"]["k"].encode(), capture_output=True, check=True)
    return saved("key.jwk", json.dumps(octets.stdout.decode()))


def signed(claims, alg, kid, key):
    template = {"protected": {"alg": alg, "kid": kid, "typ": "JWT"}}
    return jose("jws", "sig", "-I", saved("claims.json", claims), "-k", key, "-s", json.dumps(template), "-c").strip()


def check(case, token):
    if case["enc"]:
        token = jose("jwe", "dec", "-i", saved("token", token), "-k", key_file(case))
    key = saved("inner.jwk", file["inner"]) if case["enc"] else key_file(case)
    claims = json.loads(jose("jws", "ver", "-i", saved("inner", token), "-k", key, "-O", "-"))
    if claims["iss"] != file["issuer"]:
        raise RuntimeError("the claims are others")


def refuses(case):
    try:
        check(case, case["forged"])
        return False
    except RuntimeError:
        return True


def mint(case):
    now = int(time.time())
    claims = {"iss": file["issuer"], "aud": file["audience"], "iat": now, "exp": now + 600}
    if not case["enc"]:
        return signed(claims, case["alg"], case["key"]["kid"], key_file(case))
    inner = signed(claims, "HS256", "inner", saved("inner.jwk", file["inner"]))
    header = {"alg": case["alg"], "enc": case["enc"], "kid": case["key"]["kid"], "cty": "JWT"}
    return jose("jwe", "enc", "-I", saved("inner", inner), "-k", key_file(case), "-i",
                json.dumps({"protected": header}), "-c").strip()


known = set(jose("alg").split())
answers = {}
for case in file["cases"]:
    # It has neither Edwards nor Montgomery curves, and of those with a name only the three of NIST.
    if not {case["alg"], case["enc"]} - {""} <= known or case["key"]["kty"] == "OKP":
        continue
    answer = answers[case["id"]] = {}
    try:
        check(case, case["token"])
        answer["accepts"] = True
        answer["refuses"] = refuses(case)
        answer["token"] = mint(case)
    except Exception as error:  # whatever it was, the table names it
        answer["error"] = str(error)
version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "jose"], capture_output=True, check=False)
print(json.dumps({"peer": f"latchset jose {version.stdout.decode()}", "answers": answers}))
