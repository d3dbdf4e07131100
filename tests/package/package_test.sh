#!/usr/bin/env bash
# What somebody who uses Gatehouse in a project of their own does, and what they get.
# Usage: package_test.sh CASE. CMakeLists.txt beside this file says which cases there are, and sets
#   SOURCE, BUILD       this project, and its build
#   WORK                where the cases work; WORK/prefix is the installed tree
#   CXX CXXFLAGS LDFLAGS  what BUILD is compiled with, so that the consumer's objects fit
set -euo pipefail
consumer=$SOURCE/tests/package/consumer
prefix=$WORK/prefix

fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
contains() { grep -qF -- "$1" <<<"$2" || fail "no '$1' in:"$'\n'"$2"; }

ccache=$(command -v ccache || true)
if [[ -n $ccache ]]; then export CMAKE_CXX_COMPILER_LAUNCHER=$ccache; fi

configure() {  # NAME ARGUMENT... — the consumer, from nothing
  rm -rf "$WORK/$1"
  cmake -S "$consumer" -B "$WORK/$1" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" "${@:2}"
}

refused() {  # NAME ARGUMENT... — what configuring says when it must not work
  local said
  if said=$(configure "$@" 2>&1); then fail "configured with ${*:2}"; fi
  printf '%s\n' "$said" | tr '\n' ' ' | tr -s ' '
}

build_and_run() {  # NAME PROGRAM...
  local program
  cmake --build "$WORK/$1" --target "${@:2}"
  for program in "${@:2}"; do "$WORK/$1/$program"; done
}

needs_none_of() {  # PATTERN PROGRAM
  local linked
  linked=$(ldd "$2")
  if grep -E "$1" <<<"$linked"; then fail "$2 is linked with what it does not use"; fi
}
heavy='libssl|libsqlite3|libnghttp2|libpq|libspdlog|boost'

# As a user compiles it: without the sanitizers and hardening of BUILD.
plainly() (unset CXXFLAGS LDFLAGS; "$@")

# --- the cases ------------------------------------------------------------------------------------------------------

case_install() {
  rm -rf "$prefix"
  cmake --install "$BUILD" --prefix "$prefix" >"$WORK/install.log"
}

case_tokens() {
  configure tokens -DHOW=installed -DCOMPONENTS='tokens;authorization'
  build_and_run tokens uses_tokens uses_tokens_without_exceptions uses_authorization uses_authorization_without_exceptions
  needs_none_of "$heavy" "$WORK/tokens/uses_tokens"
  needs_none_of "$heavy" "$WORK/tokens/uses_authorization"
}

case_application() {
  configure application -DHOW=installed -DCOMPONENTS=testing
  build_and_run application uses_testing
}

case_everything() {  # without COMPONENTS; the example as it stands in the documentation
  rm -rf "$WORK/orders"
  cmake -S "$prefix/share/doc/gatehouse-doc/examples/orders" -B "$WORK/orders" -G Ninja -DCMAKE_PREFIX_PATH="$prefix"
  cmake --build "$WORK/orders"
}

case_messages() {
  local said
  said=$(refused unknown -DHOW=installed -DCOMPONENTS=htplib)
  contains "no component 'htplib'; this install has: base claims" "$said"
  said=$(refused hidden -DHOW=installed -DCOMPONENTS=tokens -DCMAKE_DISABLE_FIND_PACKAGE_simdjson=ON)
  contains 'Gatehouse needs simdjson: apt install libsimdjson-dev' "$said"
  said=$(refused hidden -DHOW=installed -DCOMPONENTS=issuer -DCMAKE_DISABLE_FIND_PACKAGE_GatehouseSodium=ON)
  contains 'Gatehouse needs Sodium: apt install libsodium-dev' "$said"
  # What a room does not use is not asked for.
  configure hidden -DHOW=installed -DCOMPONENTS=tokens -DCMAKE_DISABLE_FIND_PACKAGE_spdlog=ON \
    -DCMAKE_DISABLE_FIND_PACKAGE_SQLite3=ON -DCMAKE_DISABLE_FIND_PACKAGE_nlohmann_json=ON
}

# A minor version may break what a user's code says, until 1.0 and after it; a patch does not.
case_versions() {
  local installed minor patch said
  installed=$(sed -n 's/^set(PACKAGE_VERSION "\(.*\)")$/\1/p' "$prefix"/lib/cmake/Gatehouse/GatehouseConfigVersion.cmake)
  minor=$(cut -d. -f2 <<<"$installed") patch=$(cut -d. -f3 <<<"$installed")
  configure version -DHOW=installed -DCOMPONENTS=base -DASKED="$installed"
  for said in "0.$((minor + 1))" "0.$((minor - 1))" "0.$minor.$((patch + 1))" 1.0; do
    contains 'compatible with requested version' "$(refused version -DHOW=installed -DCOMPONENTS=base -DASKED="$said")"
  done
}

case_pkgconfig() {
  local flags found name
  # Moved, as a package manager might: nothing in it knows where it was installed.
  rm -rf "$WORK/moved" && cp -r "$prefix" "$WORK/moved"
  export PKG_CONFIG_PATH=$WORK/moved/lib/pkgconfig
  for name in "$WORK"/moved/lib/pkgconfig/*.pc; do pkg-config --static --libs "$(basename "$name" .pc)" >/dev/null; done
  for flags in '' --static; do
    # shellcheck disable=SC2046,SC2086  # lists of words
    "$CXX" -std=c++23 ${CXXFLAGS:-} "$consumer/uses_tokens.cc" -o "$WORK/by_pkgconfig" \
      $(pkg-config $flags --cflags --libs gatehouse-tokens) ${LDFLAGS:-}
    "$WORK/by_pkgconfig"
  done
  found=$(pkg-config --static --libs gatehouse-guard)
  contains -lgatehouse_authorization "$found"
  if grep -E 'boost|nghttp2|pq|sqlite' <<<"$found"; then fail "gatehouse-guard links what it does not use"; fi
}

case_headers() {
  if grep -rHE '#include <(boost|simdjson|openssl|nlohmann|spdlog|fmt|sodium|sqlite|httplib)' "$prefix/include"; then
    fail "an installed header names a third party"
  fi
  # What is installed are the header sets, and of each set every header is compiled alone. All together by g++.
  cmake --build "$BUILD" --target all_verify_interface_header_sets
  (cd "$prefix/include" && find . -name '*.h' | sort | sed 's|^\./\(.*\)|#include <\1>|') >"$WORK/all_headers.cc"
  g++ -std=c++23 -Wall -Wextra -Werror -fsyntax-only -isystem "$prefix/include" "$WORK/all_headers.cc"
}

# Debian's own Boost cannot be installed beside the one that the library is built with: it is unpacked only.
unpack_boost() {
  local folder=$WORK/boost1.74 sandbox=()
  [[ -f $folder/usr/include/boost/version.hpp ]] && return
  [[ $EUID -ne 0 ]] || sandbox=(-o APT::Sandbox::User=root)
  rm -rf "$folder" && mkdir -p "$folder"
  (cd "$folder" && { apt-get "${sandbox[@]}" -qq download libboost1.74-dev ||
    { apt-get -qq update && apt-get "${sandbox[@]}" -qq download libboost1.74-dev; }; }) ||
    fail "this test needs the headers of Boost 1.74: 'apt-get download libboost1.74-dev' has to work here"
  dpkg-deb -x "$folder"/libboost1.74-dev_*.deb "$folder"
}

case_old_boost() {
  unpack_boost
  export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
  # shellcheck disable=SC2046,SC2086  # lists of words
  $ccache "$CXX" -std=c++23 ${CXXFLAGS:-} -isystem "$WORK/boost1.74/usr/include" $(pkg-config --cflags gatehouse) \
    -c "$consumer/uses_old_boost.cc" -o "$WORK/uses_old_boost.o"
  # shellcheck disable=SC2046,SC2086
  "$CXX" ${CXXFLAGS:-} "$WORK/uses_old_boost.o" -o "$WORK/with_old_boost" $(pkg-config --libs gatehouse) ${LDFLAGS:-}
  "$WORK/with_old_boost"
  local source
  for source in session uses_adapter; do
    # shellcheck disable=SC2046,SC2086
    "$CXX" -std=c++23 -Wall -Wextra -fsyntax-only -isystem "$WORK/boost1.74/usr/include" \
      $(pkg-config --cflags gatehouse-guard) "$SOURCE/tests/package/beast/$source.cc"
  done
}

# A program of somebody else's, and the patch that guards it: built as it stood, patched, built and asked. Nobody else
# listens on the port that the patched copy gets.
case_httplib() {
  local folder=$WORK/httplib port said
  rm -rf "$folder" && cp -r "$SOURCE/tests/package/httplib" "$folder"
  "$BUILD/bin/mint_tokens" "$folder"
  cd "$folder"
  patch -p1 <add.patch
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  sed -i "s/8080/$port/" main.cc
  cmake -S . -B build -G Ninja -DCMAKE_PREFIX_PATH="$prefix"
  cmake --build build
  ./build/orders 2>log & server=$!
  trap 'kill "$server" 2>/dev/null || true' EXIT
  ask() { curl -si --retry 50 --retry-delay 0 --retry-connrefused --retry-max-time 30 -H "$1" "http://127.0.0.1:$port/orders" | tr -d '\r'; }

  said=$(ask 'Accept: */*')
  contains 'HTTP/1.1 401 Unauthorized' "$said"
  grep -qx 'WWW-Authenticate: Bearer' <<<"$said" || fail "no bare challenge in: $said"
  said=$(ask "Authorization: Bearer $(cat ada)")
  contains '{"for":"ada"}' "$said"
  said=$(ask "Authorization: Bearer $(cat eve)")
  contains 'HTTP/1.1 403 Forbidden' "$said"
  contains 'WWW-Authenticate: Bearer error="insufficient_scope", scope="orders.read"' "$said"
  # The log is written behind the answers: its line may come a moment later.
  grep -qm1 '"event":"request_denied".*"code":"forbidden"' < <(timeout 30 tail -n +1 -f log) ||
    fail "no line of the log says why: $(cat log)"
  kill "$server" && wait "$server" 2>/dev/null || true

  sed -i 's/CanReadOrders/CanReedOrders/' main.cc
  cmake --build build >/dev/null
  local code=0
  said=$(./build/orders 2>&1) || code=$?
  [[ $code -eq 2 ]] || fail "a policy that nobody defined ended with $code"
  contains "appsettings.json: no policy named 'CanReedOrders' (main.cc:8 asks for it); there is 'CanReadOrders'" "$said"

  sed -i 's/COMPONENTS httplib/COMPONENTS htplib/' CMakeLists.txt
  if said=$(cmake -S . -B build2 -G Ninja -DCMAKE_PREFIX_PATH="$prefix" 2>&1); then fail "there is no component htplib"; fi
  contains "no component 'htplib'; this install has:" "$(tr '\n' ' ' <<<"$said" | tr -s ' ')"
}

case_subdirectory() {  # installed on from there, plainly compiled, for the second compiler
  plainly configure subdirectory -DHOW=subdirectory -DCOMPONENTS=tokens -DGATEHOUSE_SOURCE="$SOURCE" -DGATEHOUSE_INSTALL=ON
  if grep -q Werror "$WORK/subdirectory/build.ninja"; then fail "a guest must not turn warnings into errors"; fi
  plainly build_and_run subdirectory uses_tokens
  needs_none_of "$heavy" "$WORK/subdirectory/uses_tokens"
  rm -rf "$WORK/plain"
  cmake --install "$WORK/subdirectory" --prefix "$WORK/plain" >/dev/null
  CXX=g++ prefix=$WORK/plain plainly configure second -DHOW=installed -DCOMPONENTS=tokens
  build_and_run second uses_tokens
}

case_fetched() {
  plainly configure fetched -DHOW=fetched -DCOMPONENTS=tokens -DFETCHCONTENT_SOURCE_DIR_GATEHOUSE="$SOURCE"
  plainly build_and_run fetched uses_tokens
  cmake --install "$WORK/fetched" --prefix "$WORK/nothing" >/dev/null
  [[ ! -e $WORK/nothing ]] || fail "a guest must not install unless asked"
}

mkdir -p "$WORK"
"case_$1"
