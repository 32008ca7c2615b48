#!/usr/bin/env bash
# Checks what is installed and installs what is missing. As root by apt-get; otherwise it names the
# command and ends with 69.
#   scripts/lib/install.sh build   what the C++ build and the dashboard need
#   scripts/lib/install.sh demo    that, and what reproducers run with
#   scripts/lib/install.sh test    that, and what only tests need (browser, second compiler)
#   scripts/lib/install.sh run     what a built server needs where it runs
set -euo pipefail

node_major_min=18

build_packages=(
  ca-certificates ccache cmake g++ git mold ninja-build pkg-config
  libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev
  libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc
  libspdlog-dev libfmt-dev libsoci-dev libsqlite3-dev libarchive-dev libyaml-cpp-dev libcli11-dev
  libgcrypt20-dev libgtest-dev libgmock-dev libbenchmark-dev libnghttp2-dev libsodium-dev libssl-dev libxxhash-dev zlib1g-dev
)
demo_packages=(curl python3)
test_packages=(chromium clang-16 curl jq libclang-rt-16-dev openssl python3-pytest)
run_packages=(
  ca-certificates curl libarchive13 libboost-json1.81.0 libboost-url1.81.0 libfmt9 libgcrypt20 libnghttp2-14
  libprotobuf-lite32
  libsoci-core4.0 libsoci-sqlite3-4.0 libsodium23 libspdlog1.10 libsqlite3-0 libssl3 libxxhash0 libyaml-cpp0.7 zlib1g
)

purpose=${1:-build}
case "$purpose" in
  build) wanted=("${build_packages[@]}") ;;
  demo) wanted=("${build_packages[@]}" "${demo_packages[@]}") ;;
  test) wanted=("${build_packages[@]}" "${test_packages[@]}") ;;
  run) wanted=("${run_packages[@]}") ;;
  *) echo "install.sh: unknown purpose '$purpose'; use build, demo, test or run" >&2; exit 64 ;;
esac

is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

node_major() {
  command -v node >/dev/null || { echo 0; return; }
  node -p 'process.versions.node.split(".")[0]'
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "install.sh: this is no Debian system. Install these or their equals by hand: ${wanted[*]} nodejs npm" >&2
  exit 69
fi

missing=()
for package in "${wanted[@]}"; do
  is_installed "$package" || missing+=("$package")
done
if [ "$purpose" != run ]; then
  if [ "$(node_major)" -lt "$node_major_min" ]; then
    missing+=(nodejs npm)
  elif ! command -v npm >/dev/null; then
    missing+=(npm)
  fi
fi

if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ]; then
    echo "install.sh: missing packages. Run this, then try again:" >&2
    echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 69
  fi
  echo "Installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if [ "$purpose" = run ]; then
  echo "Packages are complete"
  exit 0
fi
if [ "$(node_major)" -lt "$node_major_min" ]; then
  echo "install.sh: node is $(node --version); version $node_major_min or newer is needed. An older one comes first" >&2
  echo "  in PATH: $(command -v node). Remove it or put a newer one before it." >&2
  exit 69
fi
echo "Packages are complete; node $(node --version), npm $(npm --version 2>/dev/null), $(cmake --version | head -n 1)"
