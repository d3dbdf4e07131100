#!/usr/bin/env bash
# CPU time of a server per request, beside nginx: keep-alive GET with a bearer header of about 600 octets.
#
# wrk and the server share one core under SCHED_BATCH, so that what is compared does not depend on how well the two
# overlap. Contenders take turns; printed is the median of the rounds. Usage: bench/host.sh [ROUNDS] [SECONDS A ROUND]
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
rounds=${1:-5}
seconds=${2:-4}
core=$(($(nproc) - 1))
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
pinned=(taskset -c "$core" chrt -b 0)
ticks=$(getconf CLK_TCK)

start_ours() {  # NAME ARGUMENT... — leaves the address in $work/NAME.url
  local name=$1 server
  shift
  (cd "$work" && exec "${pinned[@]}" "$OLDPWD/build/release/bin/host_server" --Urls http://127.0.0.1:0 "$@") >"$work/$name.out" 2>"$work/$name.log" &
  server=$!  # the waiting below starts processes too
  until grep -q '^listening on' "$work/$name.out"; do kill -0 "$server" || { cat "$work/$name.log"; exit 1; }; read -rt 0.05 <> <(:) || true; done
  sed -n 's/^listening on //p' "$work/$name.out" >"$work/$name.url"
  pgrep -f "build/release/bin/host_server --Urls http://127.0.0.1:0 $*\$" | tail -n 1 >"$work/$name.pid"
}
export OLDPWD=$PWD
start_ours plain --Plain true
for algorithm in HS256 RS256 ES256; do start_ours "$algorithm" --Plain false --Algorithm "$algorithm"; done

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$work/nginx.conf" <<NGINX
worker_processes 1; daemon off; pid $work/nginx.pid; error_log $work/nginx.log;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000; client_body_temp_path $work; proxy_temp_path $work;
  fastcgi_temp_path $work; uwsgi_temp_path $work; scgi_temp_path $work;
  server { listen 127.0.0.1:$port; location / { default_type application/json; return 200 '{"message":"Hello, World!"}'; } }
}
NGINX
"${pinned[@]}" nginx -c "$work/nginx.conf" &
server=$!
until [[ -s $work/nginx.pid ]]; do kill -0 "$server" || { cat "$work/nginx.log"; exit 1; }; read -rt 0.05 <> <(:) || true; done

for name in HS256 RS256 ES256; do sed -n 's/^token //p' "$work/$name.out" >"$work/$name.token"; done
cpu_ticks() {  # PID — user and system time of a process and its children that run
  local pid total=0
  for pid in $1 $(pgrep -P "$1" || true); do
    # shellcheck disable=SC2046
    set -- $(sed 's/.*) //' "/proc/$pid/stat")
    total=$((total + ${12} + ${13}))
  done
  echo "$total"
}
measure() {  # NAME PID URL ALGORITHM — of the token
  local before after requests token
  token=$(cat "$work/$4.token")
  before=$(cpu_ticks "$2")
  requests=$("${pinned[@]}" wrk -t1 -c64 -d"${seconds}s" -H "Authorization: Bearer $token" "$3" |
    awk '/Non-2xx/ { bad = 1 } /requests in/ { n = $1 } END { print bad ? "errors" : n }')
  [[ $requests != errors ]] || { echo "$1 answered with errors" >&2; exit 1; }
  after=$(cpu_ticks "$2")
  awk -v t=$((after - before)) -v hz="$ticks" -v n="$requests" 'BEGIN { printf "%.3f\n", t / hz / n * 1e6 }' >>"$work/$1.times"
}
median() { sort -n "$work/$1.times" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

for ((round = 0; round <= rounds; ++round)); do
  measure nginx "$(cat "$work/nginx.pid")" "http://127.0.0.1:$port/" HS256
  for name in HS256 RS256 ES256; do
    measure "$name.plain" "$(cat "$work/plain.pid")" "$(cat "$work/plain.url")/open" "$name"
    measure "$name.open" "$(cat "$work/$name.pid")" "$(cat "$work/$name.url")/open" "$name"
    measure "$name.protected" "$(cat "$work/$name.pid")" "$(cat "$work/$name.url")/protected" "$name"
  done
  [[ $round -gt 0 ]] || rm "$work"/*.times  # the first round warms up
done

ratio() { awk -v a="$(median "$1")" -v b="$(median "$2")" 'BEGIN { printf "%.2f", a / b }'; }
printf '%d rounds of %d s, core %d; headers of %s octets\n' "$rounds" "$seconds" "$core" \
  "$(for name in HS256 RS256 ES256; do echo $(($(wc -c <"$work/$name.token") + 21)); done | xargs)"
printf '%-42s %8s %8s %8s %8s\n' contender 'CPU us' 'x nginx' 'x plain' 'x open'
printf '%-42s %8s %8s\n' 'nginx, return 200' "$(median nginx)" 1.00
row() { printf '%-42s %8s %8s %8s %8s\n' "$@"; }  # NAME TIME RATIO...
for name in HS256 RS256 ES256; do
  plain=$name.plain open=$name.open protected=$name.protected
  row "$name, no middleware" "$(median "$plain")" "$(ratio "$plain" nginx)" '' ''
  row "$name, authenticated, open to everybody" "$(median "$open")" "$(ratio "$open" nginx)" "$(ratio "$open" "$plain")" ''
  row "$name, authenticated, a policy of a scope" "$(median "$protected")" "$(ratio "$protected" nginx)" \
    "$(ratio "$protected" "$plain")" "$(ratio "$protected" "$open")"
done
