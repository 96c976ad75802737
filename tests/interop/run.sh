#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sends one trace with the X-Ray SDK of each language to a collector of its own and reads it back.
# run.sh BUILD [python|node|java|go|otel …]; the SDKs come from the languages' own registries into out/interop.
set -euo pipefail
build=$1; shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$here/../../out/interop
mkdir -p "$work"; work=$(cd "$work" && pwd)
[ $# -gt 0 ] || set -- python node java go
home=$(mktemp -d)
trap 'kill "$pid" 2>/dev/null || true; wait; rm -rf "$home"' EXIT
"$build/src/collector/fluoroscoped" --data-dir "$home/data" --listen 127.0.0.1:0 --udp 127.0.0.1:0 --ready-file "$home/ready" &
pid=$!
for _ in $(seq 100); do [ -s "$home/ready" ] && break; sleep 0.05; done
http=$(jq -r '.http[0]' "$home/ready"); udp=$(jq -r '.udp[0]' "$home/ready")
export AWS_XRAY_DAEMON_ADDRESS="tcp:$http udp:$udp" AWS_XRAY_CONTEXT_MISSING=LOG_ERROR AWS_REGION=us-east-1
export FLUOROSCOPE_ENDPOINT=http://$http

# shellcheck disable=SC2317  # these are called by name below
{
send_python() {
  [ -d "$work/python" ] || { python3 -m venv "$work/python" && "$work/python/bin/pip" -q install aws-xray-sdk; }
  "$work/python/bin/python" "$here/python/send.py"
}
send_node() {
  mkdir -p "$work/node"; cp "$here"/node/{package.json,send.js} "$work/node"
  [ -d "$work/node/node_modules" ] || (cd "$work/node" && npm install --silent --no-audit --no-fund)
  (cd "$work/node" && node send.js)
}
send_java() {
  mkdir -p "$work/java"; cp -r "$here"/java/. "$work/java"
  (cd "$work/java" && mvn -q -B compile exec:java)
}
send_go() {
  mkdir -p "$work/go"; cp "$here"/go/* "$work/go"
  (cd "$work/go" && go mod tidy >/dev/null 2>&1 && go run .)
}

}

rc=0 n=0
echo "1..$#"
for language; do
  n=$((n + 1))
  name=interop-$language
  if "send_$language" >"$work/$language.log" 2>&1; then
    for _ in $(seq 50); do
      found=$("$build/src/cli/fluoroscope-cli" --json traces --last 10m | jq --arg name "$name" \
        '[.. | objects | select(.EntryPoint?.Name == $name and .HasFault == true and .Annotations.language != null)] | length')
      [ "${found:-0}" -gt 0 ] && break
      sleep 0.1
    done
  else
    found=0
  fi
  if [ "${found:-0}" -gt 0 ]; then echo "ok $n $language"; else echo "not ok $n $language"; sed 's/^/# /' "$work/$language.log" | tail -n 20; rc=1; fi
done
"$build/src/cli/fluoroscope-cli" traces --last 10m | sed 's/^/# /'
exit "$rc"
