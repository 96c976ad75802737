#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sends one trace with the X-Ray SDK of each language to a collector of its own and reads it back; Node's decides by the collector's rules.
# run.sh BUILD [python|node|java|go|otel-python|otel-python-grpc|otel-node|otel-node-json …]; the SDKs come from the languages' own registries into out/interop.
# A registry that can't be reached, or a language that is not installed, is a failure that says so: never a pass.
set -euo pipefail
build=$1; shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$here/../../out/interop"
work=$(cd "$here/../../out/interop" && pwd)
patience=600 # seconds for a registry
[ $# -gt 0 ] || set -- python node java go otel-python otel-python-grpc otel-node otel-node-json
home=$(mktemp -d)
pid=''
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; wait; rm -rf "$home"' EXIT
"$build/src/collector/fluoroscoped" --data-dir "$home/data" --listen 127.0.0.1:0 --udp 127.0.0.1:0 --otlp 127.0.0.1:0 --otlp-grpc 127.0.0.1:0 --ready-file "$home/ready" 2>"$home/log" &
pid=$!
for _ in $(seq 1200); do [ -s "$home/ready" ] || ! kill -0 "$pid" 2>/dev/null && break; sleep 0.05; done
[ -s "$home/ready" ] || { cat "$home/log" >&2; exit 1; }
http=$(jq -r '.http[0]' "$home/ready"); udp=$(jq -r '.udp[0]' "$home/ready")
export AWS_XRAY_DAEMON_ADDRESS="tcp:$http udp:$udp" AWS_XRAY_CONTEXT_MISSING=LOG_ERROR AWS_REGION=us-east-1
export FLUOROSCOPE_ENDPOINT=http://$http
OTEL_EXPORTER_OTLP_ENDPOINT=http://$(jq -r '.otlp[0]' "$home/ready")
export OTEL_EXPORTER_OTLP_ENDPOINT

# For each language: its program, fetching the SDK (once), and sending.
# shellcheck disable=SC2317  # these are called by name below
{
needs_python() { echo python3; }
fetch_python() { [ -x "$work/python/bin/python" ] || python3 -m venv "$work/python"; "$work/python/bin/pip" -q install aws-xray-sdk; }
send_python() { "$work/python/bin/python" "$here/python/send.py"; }

needs_node() { echo npm; }
fetch_node() {
  mkdir -p "$work/node"; cp "$here"/node/{package.json,send.js} "$work/node"
  [ -d "$work/node/node_modules" ] || (cd "$work/node" && npm install --silent --no-audit --no-fund)
}
# add_rule NAME PRIORITY PATH RATE: a sampling rule of the collector for this language's service.
add_rule() {
  jq -nc --arg name "$1" --argjson priority "$2" --arg path "$3" --argjson rate "$4" '{RuleName: $name, ServiceName: "interop-node",
    Priority: $priority, URLPath: $path, FixedRate: $rate, ReservoirSize: (if $rate > 0 then 5 else 0 end), HTTPMethod: "*",
    Host: "*", ServiceType: "*", ResourceARN: "*", Version: 1}' >"$home/rule"
  # shellcheck disable=SC2046  # one word each
  (export $("$build/src/cli/fluoroscope-cli" credentials --format env)
    aws --endpoint-url "$FLUOROSCOPE_ENDPOINT" xray create-sampling-rule --sampling-rule "file://$home/rule")
}
send_node() {
  add_rule interop-node-never 10 /never 0 && add_rule interop-node-kept 20 '*' 1 && (cd "$work/node" && node send.js)
}

needs_java() { echo mvn; }
fetch_java() { mkdir -p "$work/java"; cp -r "$here"/java/. "$work/java"; (cd "$work/java" && mvn -q -B compile); }
send_java() { (cd "$work/java" && mvn -q -B exec:java); }

needs_go() { echo go; }
fetch_go() { mkdir -p "$work/go"; cp "$here"/go/* "$work/go"; (cd "$work/go" && go mod tidy && go build -o send .); }
send_go() { "$work/go/send"; }

needs_otel-python() { echo python3; }
fetch_otel-python() {
  [ -x "$work/otel-python/bin/python" ] || python3 -m venv "$work/otel-python"
  "$work/otel-python/bin/pip" -q install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http
}
send_otel-python() { OTEL_EXPORTER_OTLP_COMPRESSION=gzip "$work/otel-python/bin/python" "$here/otel-python/send.py"; }

# Over gRPC, in a folder of its own: each row stands alone.
needs_otel-python-grpc() { echo python3; }
fetch_otel-python-grpc() {
  [ -x "$work/otel-python-grpc/bin/python" ] || python3 -m venv "$work/otel-python-grpc"
  "$work/otel-python-grpc/bin/pip" -q install opentelemetry-sdk opentelemetry-exporter-otlp-proto-grpc
}
send_otel-python-grpc() {
  OTEL_EXPORTER_OTLP_ENDPOINT=http://$(jq -r '.otlp_grpc[0]' "$home/ready") OTEL_EXPORTER_OTLP_COMPRESSION=gzip \
    "$work/otel-python-grpc/bin/python" "$here/otel-python/send.py" grpc
}

needs_otel-node() { echo npm; }
fetch_otel-node() {
  mkdir -p "$work/otel-node"; cp "$here"/otel-node/{package.json,send.js} "$work/otel-node"
  [ -d "$work/otel-node/node_modules" ] || (cd "$work/otel-node" && npm install --silent --no-audit --no-fund)
}
send_otel-node() { (cd "$work/otel-node" && node send.js protobuf gzip); }

# The other exporter, in a folder of its own: each row stands alone.
needs_otel-node-json() { echo npm; }
fetch_otel-node-json() {
  mkdir -p "$work/otel-node-json"; cp "$here"/otel-node/{package.json,send.js} "$work/otel-node-json"
  [ -d "$work/otel-node-json/node_modules" ] || (cd "$work/otel-node-json" && npm install --silent --no-audit --no-fund)
}
send_otel-node-json() { (cd "$work/otel-node-json" && node send.js json); }
}

# The trace has arrived: its entry point, its fault and its annotation.
found() {
  local i
  for ((i = 0; i < 50; i++)); do
    "$build/src/cli/fluoroscope-cli" --json traces --last 10m |
      jq -e --arg name "interop-${1%-json}" '[.. | objects | select(.EntryPoint?.Name == $name and .HasFault == true and
        .Annotations.language != null)] | length > 0' >/dev/null && return 0
    sleep 0.1
  done
  return 1
}

rc=0 n=0
fail() { # fail LANGUAGE WHY
  echo "not ok $n $1: $2"
  tail -n 20 "$work/$1.log" | sed 's/^/# /'
  rc=1
}
echo "1..$#"
for language; do
  n=$((n + 1))
  : >"$work/$language.log"
  declare -F "send_$language" >/dev/null || { fail "$language" "there is no such language here"; continue; }
  program=$("needs_$language")
  if ! command -v "$program" >/dev/null; then fail "$language" "$program is not installed"
  elif ! (export -f "fetch_$language"; export work here; timeout "$patience" bash -ec "fetch_$language") >"$work/$language.log" 2>&1
  then fail "$language" "its registry does not give the SDK"
  elif ! "send_$language" >"$work/$language.log" 2>&1; then fail "$language" "the program that sends has failed"
  elif ! found "$language"; then fail "$language" "the trace did not arrive whole"
  else echo "ok $n $language"; fi
done
"$build/src/cli/fluoroscope-cli" traces --last 10m | sed 's/^/# /'
"$build/src/cli/fluoroscope-cli" status | sed 's/^/# /'
exit "$rc"
