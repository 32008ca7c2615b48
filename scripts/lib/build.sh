#!/usr/bin/env bash
# Builds the dashboard, the server and the synthetic agents.
#   scripts/lib/build.sh [--preset NAME] [--target NAME] [--no-web]
# The preset is ci (release, without benchmarks) and the targets are reprise and reprise-synth unless told
# otherwise. The server embeds web/dist as it is when it is built.
set -euo pipefail
cd "$(dirname "$0")/../.."

preset=ci
targets=(reprise reprise-synth)
web=1
while [ $# -gt 0 ]; do
  case "$1" in
    --preset) preset=${2:?--preset needs a name}; shift 2 ;;
    --target) targets=("${2:?--target needs a name}"); shift 2 ;;
    --no-web) web=0; shift ;;
    *) echo "build.sh: unknown argument '$1'; use --preset NAME, --target NAME, --no-web" >&2; exit 64 ;;
  esac
done

if [ "$web" = 1 ]; then
  echo "Dashboard: packages and bundle"
  npm --prefix web ci --ignore-scripts --no-audit --no-fund --loglevel=error
  npm --prefix web run --silent build
fi

# A compiler needs up to 1.5 GB for the largest files; more jobs than that would swap.
memory_jobs=$(($(awk '/MemAvailable/ {print $2}' /proc/meminfo) / 1500000))
jobs=$(nproc)
if [ "$memory_jobs" -lt "$jobs" ]; then jobs=$((memory_jobs > 0 ? memory_jobs : 1)); fi

echo "Server: preset $preset, target ${targets[*]}, $jobs jobs"
cmake --preset "$preset" --log-level=WARNING
cmake --build --preset "$preset" --target "${targets[@]}" -j "$jobs"
