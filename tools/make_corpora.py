"""Writes the seed corpora of the fuzz targets from what the tests have already: hostile tokens, keys, sets and requests.

Usage: make_corpora.py ROOT FOLDER, where build/fuzz/corpora is the FOLDER that ./dev fuzz adds to. Files are named by their
content, so that running it again changes nothing. What is in tests/corpora was chosen from all that fuzzing found.
"""
import base64
import hashlib
import json
import pathlib
import re
import sys

MOST = 120  # seeds a target, spread over what there is
LONGEST = 4096


def texts(value):
    """Every string and token of a case, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def seeds(root):
    """{target: [text]}"""
    found = {name: [] for name in ("base64url", "json", "jws", "jws_json", "jwe", "jwk", "validate", "claims", "target",
                                   "authorization", "pem")}
    for path in sorted((root / "tests/vectors").glob("*/**/*.json")):
        data = json.loads(path.read_text())
        for text in texts(data):
            parts = text.split(".")
            if len(parts) == 3 and text.startswith("ey"):
                found["jws"].append(text)
                found["validate"].append(text)
                found["base64url"].append(parts[1])
            elif len(parts) == 5 and text.startswith("ey"):
                found["jwe"].append(text)
                found["validate"].append(text)
            elif text.startswith("{"):
                found["json"].append(text)
                found["jws_json" if "signature" in text else "claims"].append(text)
        for case in data.get("cases", []) if isinstance(data, dict) else []:
            given = case.get("input", {})
            if isinstance(given, dict):
                for name in ("document", "document_text"):
                    if name in given:
                        text = given[name] if isinstance(given[name], str) else json.dumps(given[name])
                        found["jwk" if "keys" in text else "jws_json"].append(text)
                request = given.get("request", {})
                found["target"].append(request.get("path", "/"))
                found["authorization"] += [header[-1] for header in request.get("headers", [])
                                           if isinstance(header, list) and header[0].lower() == "authorization"]
        if path.name in ("setup.json", "keys.json"):
            keys = data.get("keys", data)
            found["jwk"] += [json.dumps(key) for key in (keys.values() if isinstance(keys, dict) else keys)]
    found["claims"] += ['{"iss":"https://issuer.example","aud":["api://orders"],"exp":1780275600,"nbf":1780267000.5,"sub":"ada",'
                        '"realm_access":{"roles":["Admin"]},"scope":"orders.read","n":[1,-1,18446744073709551615,1e3,null,true]}']
    found["authorization"] += ["Bearer a.b.c", "access_token=a&access_token=b", "session=a; x=y",
                               "role Admin or Clerk and claim tenant = blue"]
    found["pem"] = re.findall(r'R"\((-----BEGIN.*?)\)"', (root / "tests/support/test_keys.h").read_text(), re.S)
    found["pem"] += [base64.b64decode("".join(text.strip().splitlines()[1:-1])) for text in found["pem"]
                     if text.count("-----BEGIN") == 1 and ":" not in text]
    return found


def octets_of(text):
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def main(root, corpora):
    for target, all_texts in seeds(root).items():
        unique = sorted({octets for octets in map(octets_of, all_texts) if 0 < len(octets) <= LONGEST}, key=len)
        chosen = unique[:: max(1, len(unique) // MOST)][:MOST]
        folder = corpora / target
        folder.mkdir(parents=True, exist_ok=True)
        for octets in chosen:
            (folder / hashlib.sha256(octets).hexdigest()[:16]).write_bytes(octets)
        print(f"{target}: {len(chosen)} seeds of {len(unique)}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
