#!/usr/bin/env bash
# Makes traces: asks one agent or both for a scenario, as often as wanted. Without arguments it is a menu.
#   scripts/generate_scenarios.sh                          asks what to run until q
#   scripts/generate_scenarios.sh AGENT SCENARIO [RUNS]    runs and ends; exit 0 only if every run was answered with 200
# AGENT: 1 primary, 2 secondary, 3 both. SCENARIO: 1 to 8 or its name. RUNS: 1 to 1000, 1 if left out.
# AGENT_URL (http://localhost:8080), SECONDARY_URL (http://localhost:8082) say where they are. Needs curl.
set -uo pipefail

primary=${AGENT_URL:-http://localhost:8080}
secondary=${SECONDARY_URL:-http://localhost:8082}
runs_max=1000
names=(fanout chain retry stream dag react human rag)
paths=(
  '/run?scenario=fanout&fanout=50&concurrency=10&delay_ms=50'
  '/run?scenario=chain&depth=40&delay_ms=30'
  '/run?scenario=retry&fanout=80&concurrency=20&delay_ms=60&error_rate=0.2&max_retries=4'
  '/stream?duration_s=5&tool_delay_ms=300&background_fanout=80'
  '/run?scenario=dag&fanout=20&delay_ms=40'
  '/run?scenario=react&max_steps=5&delay_ms=50'
  '/run?scenario=human&human_delay_s=2.0'
  '/run?scenario=rag&rag_chunks=10&rag_chunk_size_kb=2&delay_ms=30'
)

# find_agents CHOICE: sets agents; false for a choice that is none.
find_agents() {
  case "$1" in
    1 | primary) agents=("$primary") ;;
    2 | secondary) agents=("$secondary") ;;
    3 | both) agents=("$primary" "$secondary") ;;
    *) return 1 ;;
  esac
}

# find_scenario CHOICE: sets scenario, from 0; false for a choice that is none.
find_scenario() {
  local i
  for i in "${!names[@]}"; do
    if [ "$1" = "$((i + 1))" ] || [ "$1" = "${names[$i]}" ]; then scenario=$i; return 0; fi
  done
  return 1
}

is_run_count() { [[ $1 =~ ^[1-9][0-9]{0,3}$ ]] && [ "$1" -le "$runs_max" ]; }

# generate RUNS: false when one of them was not answered with 200.
generate() {
  local run agent answer good=0 all=0
  for ((run = 1; run <= $1; run++)); do
    for agent in "${agents[@]}"; do
      all=$((all + 1))
      answer=$(curl --silent --output /dev/null --max-time 120 --write-out '%{http_code} in %{time_total} s' \
        "${agent%/}${paths[$scenario]}")
      printf '%-7s %d/%d  %s  %s\n' "${names[$scenario]}" "$run" "$1" "$agent" "$answer"
      if [ "${answer%% *}" = 200 ]; then good=$((good + 1)); fi
    done
  done
  printf '%d of %d runs answered with 200\n' "$good" "$all"
  [ "$good" = "$all" ]
}

# choose PROMPT: sets choice; ends the script at q or the end of input.
choose() {
  read -r -p "$1" choice || { echo; exit 0; }
  if [ "$choice" = q ]; then exit 0; fi
}

show_menu() {
  local i
  while :; do
    printf '\nAgent: 1 primary (%s), 2 secondary (%s), 3 both, q quit\n' "$primary" "$secondary"
    choose 'Agent? '
    find_agents "$choice" || { echo "'$choice' is none of 1, 2, 3, q"; continue; }
    for i in "${!names[@]}"; do printf '  %d %s\n' $((i + 1)) "${names[$i]}"; done
    choose 'Scenario? '
    find_scenario "$choice" || { echo "'$choice' is none of 1 to 8, q"; continue; }
    choose 'How many runs? [1] '
    is_run_count "${choice:-1}" || { echo "'$choice' is no number from 1 to $runs_max"; continue; }
    generate "${choice:-1}"
  done
}

usage() { sed -n '2,6p' "$0" | cut -c3-; }
wrong() { echo "generate_scenarios.sh: $1 (try --help)" >&2; exit 64; }

case "${1:-}" in
  -h | --help) usage; exit 0 ;;
esac
command -v curl > /dev/null || { echo "generate_scenarios.sh: curl is missing" >&2; exit 69; }
if [ $# = 0 ]; then show_menu; fi
if [ $# -lt 2 ] || [ $# -gt 3 ]; then wrong "wants an agent, a scenario and perhaps a number of runs"; fi
find_agents "$1" || wrong "agent '$1' is none of 1, 2, 3"
find_scenario "$2" || wrong "scenario '$2' is none of 1 to 8 or ${names[*]}"
is_run_count "${3:-1}" || wrong "'$3' is no number from 1 to $runs_max"
generate "${3:-1}"
