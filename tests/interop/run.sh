#!/usr/bin/env bash
# run.sh TOOL WORK: a token of ours for every algorithm to each peer that is here, one of theirs to us, and the table of
# both. WORK holds what the peers need (./dev interop puts it there). Exit code 1 when anybody refuses.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
tool=$(readlink -f "$1")
work=$(readlink -f "$2")
cd "$work"
peers=()

ask() {  # NAME COMMAND... — the peer's answers, in NAME.json
  "${@:2}" >"$1.json"
  peers+=("$1.json")
}

"$tool" mint >cases.json
ask node node "$here/peer_node.mjs" cases.json "$work/node_modules"
if [[ -f dotnet/peer_dotnet.dll ]] && command -v dotnet >/dev/null; then
  ask dotnet dotnet dotnet/peer_dotnet.dll cases.json
else
  echo ".NET is not here" >&2
fi
ask pyjwt /usr/bin/python3 -B "$here/peer_pyjwt.py" cases.json
if [[ -x ${tool%/*}/peer_rhonabwy ]]; then ask rhonabwy "${tool%/*}/peer_rhonabwy" cases.json; else echo "rhonabwy is not here" >&2; fi
ask latchset /usr/bin/python3 -B "$here/peer_latchset.py" cases.json
"$tool" verify cases.json "${peers[@]}"
