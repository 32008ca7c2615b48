#!/usr/bin/env bash
# Asks a synthetic agent for each scenario once and checks what it answers. A line per check; exit 0 only if all hold.
#   AGENT_URL=http://localhost:8080 TOOL_URL=http://localhost:8081 scripts/sanity_check.sh
# CHECK_TIMEOUT_S (60) bounds each request. Needs curl.
set -uo pipefail

agent=${AGENT_URL:-http://localhost:8080}
tool=${TOOL_URL:-http://localhost:8081}
agent=${agent%/}
tool=${tool%/}
limit_s=${CHECK_TIMEOUT_S:-60}
passed=0
failed=0

case "${1:-}" in
  '') ;;
  -h | --help) sed -n '2,4p' "$0" | cut -c3-; exit 0 ;;
  *) echo "sanity_check.sh: unknown argument '$1' (try --help)" >&2; exit 64 ;;
esac
command -v curl > /dev/null || { echo "sanity_check.sh: curl is missing" >&2; exit 69; }

pass() { passed=$((passed + 1)); printf 'ok    %-7s %s\n' "$1" "$2"; }
fail() { failed=$((failed + 1)); printf 'FAIL  %-7s %s\n' "$1" "$2"; }

# ask URL: sets status (000: no answer), body, and broken when the answer broke off.
ask() {
  local answer code
  answer=$(curl --silent --max-time "$limit_s" --write-out '\n%{http_code}' "$1")
  code=$?
  status=${answer##*$'\n'}
  body=${answer%$'\n'*}
  broken=
  [ "$code" = 0 ] || broken="curl ended with $code"
}

# Why the last answer is none, if it is none.
trouble() {
  if [ "$status" = 000 ]; then echo "no answer ($broken)"; return; fi
  if [ "$status" != 200 ]; then echo "status $status: ${body:0:200}"; return; fi
  if [ -n "$broken" ]; then echo "the answer broke off ($broken)"; fi
}

check_tool() {
  local what
  ask "$tool/health"
  what=$(trouble)
  if [ -n "$what" ]; then fail tool "$what"; return; fi
  if [ "$body" != '{"ok":true}' ]; then fail tool "not well: ${body:0:200}"; return; fi
  pass tool "$tool is well"
}

# check_run SCENARIO LEAST_MS QUERY: it cannot be faster than its waiting, and should not take ten seconds longer.
check_run() {
  local what elapsed_ms
  ask "$agent/run?scenario=$1&$3"
  what=$(trouble)
  if [ -n "$what" ]; then fail "$1" "$what"; return; fi
  if ! [[ $body =~ ^\{\"ok\":true,\"scenario\":\"$1\",\"elapsed_s\":([0-9]+)\.([0-9]{3})\}$ ]]; then
    fail "$1" "not the answer of a $1: ${body:0:200}"
    return
  fi
  elapsed_ms=$((10#${BASH_REMATCH[1]} * 1000 + 10#${BASH_REMATCH[2]}))
  if [ "$elapsed_ms" -lt "$2" ] || [ "$elapsed_ms" -gt $(($2 + 10000)) ]; then
    fail "$1" "took $elapsed_ms ms where at least $2 ms and not much more are right"
    return
  fi
  pass "$1" "$elapsed_ms ms"
}

# check_stream DURATION_S QUERY: a line every 50 ms; a slow machine may miss a few.
check_stream() {
  local what lines most least
  ask "$agent/stream?duration_s=$1&$2"
  what=$(trouble)
  if [ -n "$what" ]; then fail stream "$what"; return; fi
  most=$(($1 * 20))
  least=$((most * 8 / 10))
  lines=$(grep -c '^token [0-9][0-9]*$' <<< "$body")
  if [ "$lines" -lt "$least" ] || [ "$lines" -gt "$most" ]; then
    fail stream "$lines lines where $least to $most are right"
    return
  fi
  if [ "${body%%$'\n'*}" != 'token 0' ]; then fail stream "begins with '${body%%$'\n'*}'"; return; fi
  pass stream "$lines tokens"
}

check_tool
check_run fanout 275 'fanout=50&concurrency=10&delay_ms=50'
check_run chain 1212 'depth=40&delay_ms=30'
check_run retry 290 'fanout=80&concurrency=20&delay_ms=60&error_rate=0.2&max_retries=4'
check_stream 5 'tool_delay_ms=300&background_fanout=80'
check_run dag 92 'fanout=20&delay_ms=40'
check_run react 85 'max_steps=5&delay_ms=50'
check_run human 2200 'human_delay_s=2.0'
check_run rag 134 'rag_chunks=10&rag_chunk_size_kb=2&delay_ms=30'

printf '\n%d of %d checks passed\n' "$passed" $((passed + failed))
[ "$failed" = 0 ]
