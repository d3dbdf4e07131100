"""Bends a good token, so that exactly one thing about it is wrong. Usage: bend_token.py SECRETS_FILE HOW < token

HOW is one of: expired, audience, issuer, signature, none. The token is signed again with the development secret,
except for the last two.
"""
import base64
import hashlib
import hmac
import json
import sys
import time


def decode(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def encode(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def write(header, claims, secret):
    text = ".".join(encode(json.dumps(part).encode()) for part in (header, claims))
    return f"{text}.{encode(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


secrets_file, how = sys.argv[1:]
with open(secrets_file) as file:
    secret = json.load(file)["Jwt:SigningKey"].encode()
good = sys.stdin.read().strip()
head, body, _ = good.split(".")
header, claims = decode(head), decode(body)
now = int(time.time())

if how == "expired":
    claims |= {"nbf": now - 7200, "exp": now - 3600}
elif how == "audience":
    claims["aud"] = "api://somebody-else"
elif how == "issuer":
    claims["iss"] = "https://somebody-else.example"
elif how == "signature":
    secret = b"another secret of at least thirty-two octets"
elif how == "none":
    print(".".join([encode(json.dumps(header | {"alg": "none"}).encode()), body, ""]))
    sys.exit()
else:
    sys.exit(__doc__)
print(write(header, claims, secret))
