#!/usr/bin/env bash
# Every wrong start prints one clear line with its place and its fix, and ends with exit code 2.
# Usage: wrong_starts_test.sh PATH_TO_ORDERS PATH_TO_WRONG_STARTS
set -uo pipefail
orders=$(readlink -f "$1")
wrong=$(readlink -f "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state GATEHOUSE_ENVIRONMENT=Production
good_key=kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq
passed=0
failed=0

start() {  # SETTINGS [NAME=VALUE...] -- [ARGUMENT...]: starts orders in a folder with these settings
  local settings=$1 variables=()
  shift
  while [[ $# -gt 0 && $1 != -- ]]; do variables+=("$1"); shift; done
  shift
  mkdir -p "$work/site"
  printf '%s' "$settings" >"$work/site/appsettings.json"
  (cd "$work/site" && env "${variables[@]}" "$orders" --Urls http://127.0.0.1:0 --Orders:Database "$work/users.db" "$@") >"$work/out" 2>&1 </dev/null
}

expect() {  # NAME LINES PATTERN... — exit code 2, so many lines after the heading, each pattern in one of them
  local code=$1 name=$2 lines=$3 pattern why=
  shift 3
  [[ $code -eq 2 ]] || why="exit code $code"
  local said
  said=$(grep -v 'does not start:$' "$work/out" | grep -v '^{' | grep -c .)
  [[ $said -eq $lines ]] || why+=" $said lines"
  for pattern; do grep -qE -- "$pattern" "$work/out" || why+=" no line like: $pattern"; done
  if [[ -z $why ]]; then
    passed=$((passed + 1)); printf 'ok      %s\n' "$name"
  else
    failed=$((failed + 1)); printf 'FAILED  %s:%s\n' "$name" "$why"; sed 's/^/        /' "$work/out"
  fi
}

key=Jwt__SigningKey=$good_key
both='{"Jwt":{"Issuer":"https://issuer.example","Audience":"api://orders"}}'

start '{"Jwt":{"Audience":"api://orders"}}' "$key" --
expect $? "missing issuer" 1 "'Jwt:Issuer' is missing; set it in appsettings.json, as environment Jwt__Issuer, or as argument --Jwt:Issuer"
start '{"Jwt":{"Issuer":"https://issuer.example"}}' "$key" --
expect $? "missing audience" 1 "'Jwt:Audience' is missing"
start "$both" Jwt__SigningKey=REPLACE_WITH_A_LONG_RANDOM_SECRET --
expect $? "placeholder secret" 1 "environment Jwt__SigningKey: .*placeholder.*openssl rand -base64 48"
start "$both" Jwt__SigningKey=short --
expect $? "short secret" 1 "environment Jwt__SigningKey: .*has 5 octets and HS256 needs 32.*openssl rand -base64 48"
printf -- '-----BEGIN PRIVATE KEY-----\ngarbled\n-----END PRIVATE KEY-----\n' >"$work/key.pem"
start "$both" "Jwt__SigningKeyFile=$work/key.pem" --
expect $? "garbled PEM" 1 "environment Jwt__SigningKeyFile: .*not a readable PEM key; make one with: openssl genpkey"
start '{"Jwt":{"Issuer":"i","Audience":"a","SigningKey":"'$good_key'"}}' --
expect $? "secret in a tracked file" 1 "appsettings.json:1:[0-9]+: 'Jwt:SigningKey' stands in a settings file.*Jwt__SigningKey"
start '{"Jwt":{"Issuer":"i","Audience":"a","Audiance":"b"}}' "$key" --
expect $? "unknown key under Jwt:" 1 "appsettings.json:1:37: unknown setting 'Jwt:Audiance'; did you mean 'Jwt:Audience'\?"
start '{"Jwt":{"Issuer":"i","Audience":"a","Audiance":"b","ClockSkew":"soon","ValidateIssuer":"maybe"}}' "$key" --
expect $? "three faults in one file" 3 "Jwt:Audiance" "Jwt:ClockSkew" "Jwt:ValidateIssuer"
start '{"Jwt":{"Issuer":"i",}}' "$key" --
expect $? "garbled settings" 2 "appsettings.json:1:[0-9]+: is no JSON from here on" "'Jwt:Audience' is missing"
start "$both" "$key" -- --Urls nonsense
expect $? "an address that is none" 1 "Urls: 'nonsense' is no address; write http://localhost:5080"
start "$both" "$key" -- --Urls https://127.0.0.1:0
expect $? "https without a certificate" 1 "Tls: an https address outside Development needs Tls:CertificateFile and Tls:KeyFile"
start "$both" "$key" -- --Tls:CertificateFile "$work/none.crt" --Tls:KeyFile "$work/none.key" --Urls https://127.0.0.1:0
expect $? "a certificate that is not there" 1 "$work/none.crt"

# A port in use: one instance takes a free port, another one wants the same.
mkdir -p "$work/site"
printf '%s' "$both" >"$work/site/appsettings.json"
(cd "$work/site" && exec env "$key" "$orders" --Urls http://127.0.0.1:0 --Orders:Database "$work/users.db") >"$work/first" 2>&1 </dev/null &
first=$!
until url=$(sed -n 's/^listening on //p' "$work/first") && [[ -n $url ]]; do kill -0 $first || break; read -rt 0.05 <> <(:) || true; done
start "$both" "$key" -- --Urls "$url"
expect $? "port in use" 1 "${url##*:}.*in use"
kill $first
wait $first 2>/dev/null

for kind in wrong_order no_authorization no_authentication undefined_policy no_scheme no_controllers duplicate_route; do
  Urls=http://127.0.0.1:0 "$wrong" $kind >"$work/out" 2>&1 </dev/null
  code=$?
  case $kind in
    wrong_order) expect $code "use_authorization before use_authentication" 1 "use_authorization\(\) comes before use_authentication\(\).*call app.use_authentication\(\) first" ;;
    no_authorization) expect $code "protected endpoint without the middleware" 1 "GET /api/orders demands authorization, but use_authorization\(\) was not called" ;;
    no_authentication) expect $code "authorization without authentication" 1 "has no use_authentication\(\) before it" ;;
    undefined_policy) expect $code "a policy nobody defined" 1 "GET /api/orders: no authorization policy 'CanReadOrder' is defined \(defined are: CanReadOrders\)" ;;
    no_scheme) expect $code "authentication without a scheme" 1 "has no scheme to ask; call builder.services.add_authentication" ;;
    no_controllers) expect $code "controllers that are not mapped" 1 "map_controllers\(\) was not called" ;;
    duplicate_route) expect $code "one route mapped twice" 1 "/api/orders" ;;
  esac
done

printf '%d passed, %d failed\n' "$passed" "$failed"
exit "$((failed != 0))"
