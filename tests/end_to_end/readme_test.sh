#!/usr/bin/env bash
# The README's program starts from settings and protects its endpoint. Usage: readme_test.sh PATH_TO_PROGRAM
set -euo pipefail
program=$(readlink -f "$1")
work=$(mktemp -d)
server=
trap '[[ -z $server ]] || kill "$server" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
export HOME=$work Jwt__Issuer=https://issuer.example Jwt__Audience=api://orders Jwt__SigningKey=kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq
cd "$work"
"$program" --Urls http://127.0.0.1:0 >"$work/out" 2>"$work/log" &
server=$!
until grep -q '^listening on' "$work/out"; do kill -0 "$server" || { cat "$work/log"; exit 1; }; read -rt 0.05 <> <(:) || true; done
url=$(sed -n 's/^listening on //p' "$work/out")

status=$(curl -sS -o "$work/body" -w '%{http_code}' "$url/api/orders")
[[ $status == 401 ]] || { echo "FAILED without a token: $status"; exit 1; }
token=$(python3 - <<'PYTHON'
import base64, hashlib, hmac, json, time
encode = lambda octets: base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
now = int(time.time())
claims = {"iss": "https://issuer.example", "aud": "api://orders", "sub": "ada", "exp": now + 60, "scope": ["orders.read"]}
text = encode(b'{"alg":"HS256"}') + "." + encode(json.dumps(claims).encode())
print(text + "." + encode(hmac.new(b"kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq", text.encode(), hashlib.sha256).digest()))
PYTHON
)
status=$(curl -sS -o "$work/body" -w '%{http_code}' -H @- "$url/api/orders" <<<"Authorization: Bearer $token")
[[ $status == 200 && $(cat "$work/body") == '{"message":"orders"}' ]] || { echo "FAILED with a token: $status"; cat "$work/log"; exit 1; }
kill -TERM "$server"
wait "$server"
server=
echo "2 passed, 0 failed"
