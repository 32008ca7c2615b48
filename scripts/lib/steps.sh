# Sourced by scripts/test: named steps with their time, and the pieces that need more than one command.

steps_done=()

# step NAME COMMAND... : runs it, says what failed and after how long, and ends the script then.
step() {
  local name=$1 begun=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  if "$@"; then
    steps_done+=("$(printf '%5d s  %s' $((SECONDS - begun)) "$name")")
  else
    local code=$?
    printf '\n== FAILED after %d s: %s (exit %d)\n' $((SECONDS - begun)) "$name" "$code" >&2
    exit 1
  fi
}

report() {
  printf '\n== All steps passed\n'
  printf '%s\n' "${steps_done[@]}"
}

# The lock file decides what is installed; nothing runs at install time.
web_packages() { npm --prefix web ci --ignore-scripts --no-audit --no-fund --loglevel=error; }
example_packages() { npm --prefix examples ci --ignore-scripts --no-audit --no-fund --loglevel=error; }
example_tests() { npm --prefix examples run --silent test; }

# room_tests PRESET: every room's tests, then how many there were.
room_tests() {
  ctest --preset "$1" -L '^(tidy|unit|flow)$' -j "$(nproc)" --no-tests=error --output-on-failure || return 1
  awk '/^\[  PASSED  \]/ { tests += $4 } END { print tests " tests passed"; exit tests == 0 }' \
    "build/$1/Testing/Temporary/LastTest.log"
}

end_to_end_packages() { npm --prefix tests/e2e ci --ignore-scripts --no-audit --no-fund --loglevel=error; }
# Two files at once: most of their time is waiting.
end_to_end_tests() { REPRISE_BINARY=$PWD/$1 node --test --test-concurrency=2 tests/e2e/*.test.mjs; }
# fault_tests BINARY CRASHES
fault_tests() {
  REPRISE_BINARY=$PWD/$1 REPRISE_CRASHES=$2 node --test --test-concurrency=1 tests/fault/*.test.mjs
}
interop_tests() { REPRISE_BINARY=$PWD/$1 node tests/interop/run.mjs; }

# Rooms with threads. What speaks through the gRPC library in rpc's tests is left out: it is not instrumented.
tsan_rooms=(base net store live pipeline ingest http rpc)
tsan_tests() {
  local room filter
  for room in "${tsan_rooms[@]}"; do
    filter='*'
    [ "$room" = rpc ] && filter='*http2_abuse*:*endless_header*:*flood*:*bad_message*'
    TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp" "build/tsan/tests/$room/${room}_test" \
      --gtest_brief=1 --gtest_filter="$filter" || return 1
  done
}
