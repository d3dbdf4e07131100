#!/usr/bin/env bash
# Walks through the running example as a client would, over TLS: usage: orders_check.sh PATH_TO_ORDERS
# One line a step; exit code 0 when all of them hold. Leaves nothing behind.
set -euo pipefail
orders=$(readlink -f "$1")
here=$(dirname "$(readlink -f "$0")")
work=$(mktemp -d)
server=
trap '[[ -z $server ]] || kill "$server" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT

export HOME=$work XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state GATEHOUSE_ENVIRONMENT=Development
cd "$here/../../examples/orders"
"$orders" --Urls "http://127.0.0.1:0;https://127.0.0.1:0" >"$work/out" 2>"$work/log" &
server=$!

# The program says where it listens once it does; its end would end this loop too.
until grep -q 'listening on https' "$work/out"; do
  kill -0 "$server" 2>/dev/null || { cat "$work/out" "$work/log"; echo "orders did not start"; exit 1; }
  read -rt 0.05 <> <(:) || true
done
http=$(sed -n 's/^listening on \(http:.*\)/\1/p' "$work/out" | head -n 1)
https=$(sed -n 's/^listening on \(https:.*\)/\1/p' "$work/out" | head -n 1)
certificate=$(find "$work/state" -name '*.crt' -o -name '*certificate*.pem' | head -n 1)
password() { sed -n "s/^ *$1@example.com *\([^ ]*\) .*/\1/p" "$work/out"; }

steps=0
failed=0
check() {  # NAME EXPECTED ACTUAL
  steps=$((steps + 1))
  if [[ $2 == "$3" ]]; then
    printf 'ok      %s\n' "$1"
  else
    printf 'FAILED  %s: expected "%s", saw "%s"\n' "$1" "$2" "$3"
    failed=$((failed + 1))
  fi
}

request() { curl -sS --cacert "$certificate" -D "$work/headers" -o "$work/body" -w '%{http_code}' "$@"; }
with_token() { request -H @- "${@:2}" <<<"Authorization: Bearer $1"; }
challenge() { sed -n 's/\r$//; s/^[Ww][Ww][Ww]-[Aa]uthenticate: //p' "$work/headers"; }
login() {  # WHO — prints the access token; passwords go in by standard input
  printf '{"email":"%s@example.com","password":"%s"}' "$1" "$(password "$1")" |
    request -H 'Content-Type: application/json' --data-binary @- "$https/login" >"$work/status"
  sed -n 's/.*"accessToken":"\([^"]*\)".*/\1/p' "$work/body"
}
last_code() { sed -n 's/.*"event":"request_denied".*"code":"\([^"]*\)".*/\1/p' "$work/log" | tail -n 1; }
denials() { grep -c '"event":"request_denied"' "$work/log" || true; }

# A denial is logged by another thread: waits for the line of the request just made.
expect_code() {  # NAME CODE DENIALS_BEFORE
  local tries
  for ((tries = 0; tries < 200; ++tries)); do
    [[ $(denials) -gt $3 ]] && break
    read -rt 0.02 <> <(:) || true
  done
  check "$1" "$2" "$(last_code)"
}

admin=$(login admin)
check "an administrator logs in" 200 "$(cat "$work/status")"
customer=$(login customer)
check "a customer logs in" 200 "$(cat "$work/status")"
check "a wrong password is 401" 401 "$(request -H 'Content-Type: application/json' \
  -d '{"email":"admin@example.com","password":"wrong"}' "$https/login")"

check "the customer reads orders" 200 "$(with_token "$customer" "$https/api/orders")"
check "and gets them" '{"message":"orders"}' "$(cat "$work/body")"
check "also from the route group" 200 "$(with_token "$customer" "$https/minimal/orders")"

before=$(denials)
check "no token is 401" 401 "$(request "$https/api/orders")"
check "with a bare challenge" "Bearer" "$(challenge)"
expect_code "logged as no_token" no_token "$before"

before=$(denials)
check "the customer may not make orders: 403" 403 "$(with_token "$customer" -X POST "$https/api/orders")"
expect_code "logged as forbidden" forbidden "$before"
check "the administrator may" 200 "$(with_token "$admin" -X POST "$https/api/orders")"

sentence='Bearer error="invalid_token", error_description="The access token is not accepted"'
refused() {  # HOW CODE NAME
  local bent before
  bent=$(python3 "$here/bend_token.py" "$work/config/gatehouse/orders/secrets.json" "$1" <<<"$customer")
  before=$(denials)
  check "$3 is 401" 401 "$(with_token "$bent" "$https/api/orders")"
  check "and the client learns one sentence" "$sentence" "$(challenge)"
  expect_code "the log says $2" "$2" "$before"
}
refused expired expired "an expired token"
refused audience audience_invalid "a token for another audience"
refused issuer issuer_invalid "a token of another issuer"
refused signature signature_invalid "a token with a wrong signature"
refused none no_signature "a token without a signature (alg none)"

python3 - "$work/state/gatehouse/orders/users.db" <<'PYTHON'
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as database:
    database.execute("UPDATE users SET disabled = 1 WHERE email = 'customer@example.com'")
PYTHON
before=$(denials)
check "a disabled user's token is 401" 401 "$(with_token "$customer" "$https/api/orders")"
check "and the client learns the same sentence" "$sentence" "$(challenge)"
expect_code "the log says refused" refused "$before"

check "http is sent to https" 307 "$(request "$http/api/orders?page=2")"
check "with the whole target" "$https/api/orders?page=2" "$(sed -n 's/\r$//; s/^[Ll]ocation: //p' "$work/headers")"

trace=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
before=$(denials)
request -H "traceparent: $trace" -H 'X-Correlation-ID: check-1' "$https/api/orders" >/dev/null
expect_code "a denial is logged once more" no_token "$before"
check "with the client's trace and correlation ids" 1 \
  "$(tail -n 1 "$work/log" | grep '0af7651916cd43dd8448eb211c80319c' | grep -c '"check-1"')"
check "which the answer carries too" 1 "$(grep -ci '^traceparent: 00-0af7651916cd43dd8448eb211c80319c-' "$work/headers")"
check "no token and no password is in the log" 0 \
  "$(grep -cF -e "$customer" -e "$admin" -e "$(password customer)" -e "$(password admin)" "$work/log" || true)"

kill -TERM "$server"
wait "$server" && code=0 || code=$?
server=
check "SIGTERM ends it with exit code 0" 0 "$code"

printf '%d passed, %d failed\n' "$((steps - failed))" "$failed"
[[ $failed -eq 0 ]] || { echo "--- log"; cat "$work/log"; }
exit "$((failed != 0))"
