#!/bin/sh
# Makes a clone ready to run: npm packages, Open vSwitch, and dist/. Does only what is missing, says what it does
# on stderr, and never starts Open vSwitch's system service.
#   set-up.sh [packages] [switch] [build] [box]     default: the first three
# `box` is what the node in a box needs (test/kernel/): QEMU, and headers of Debian's newest kernel.
set -eu
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- packages switch build

say() { echo "set-up: $*" >&2; }

install_packages() {
  # npm writes this file last; it is there only after a complete install
  if [ -f node_modules/.package-lock.json ] &&
    [ -z "$(find package-lock.json -newer node_modules/.package-lock.json)" ]; then return; fi
  say "npm ci (packages are missing or older than package-lock.json)"
  npm ci --no-audit --no-fund >&2
  touch node_modules/.package-lock.json
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# before anything is begun that would have to be undone as root
needs_root_to() {
  if [ "$(id -u)" = 0 ] || command -v sudo >/dev/null; then return; fi
  say "neither root nor sudo here: have root run \`$*\`, then try again"
  exit 1
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@" >&2
}

install_switch() {
  if command -v ovs-vswitchd >/dev/null || [ -x /usr/sbin/ovs-vswitchd ]; then return; fi
  if ! command -v apt-get >/dev/null; then
    say "ovs-vswitchd is missing and this is no Debian: install Open vSwitch 2.13 or newer"
    exit 1
  fi
  needs_root_to apt-get install openvswitch-switch
  say "apt-get install openvswitch-switch (ovs-vswitchd is missing; its service stays off)"
  # Exit code 101 forbids maintainer scripts to start services: Debian Policy Manual, section 9.3.3.1.
  guard=/usr/sbin/policy-rc.d
  if [ ! -e "$guard" ]; then
    trap 'as_root rm -f "$guard"' EXIT
    trap 'exit 130' INT TERM
    printf '#!/bin/sh\nexit 101\n' | as_root sh -c "cat >$guard && chmod 755 $guard"
  fi
  apt_install openvswitch-switch || { as_root apt-get -q update >&2 && apt_install openvswitch-switch; }
}

# The release that linux-image-amd64 stands for; the box boots that kernel, whatever this machine runs.
kernel_release() { apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/.*Depends: linux-image-//p'; }

install_box() {
  if ! command -v apt-cache >/dev/null || [ "$(uname -m)" != x86_64 ]; then
    say "the box is left out: it is Debian's kernel for amd64"
    return
  fi
  [ -n "$(kernel_release)" ] || { needs_root_to apt-get update && as_root apt-get -q update >&2; }
  set -- iproute2 ethtool kmod make gcc binutils xz-utils busybox-static qemu-system-x86 \
    "linux-headers-$(kernel_release)"
  # shellcheck disable=SC2016 # the format is dpkg-query's own
  if [ "$(dpkg-query -W -f='${db:Status-Status}\n' "$@" 2>/dev/null | grep -c '^installed$')" = $# ]; then return; fi
  needs_root_to apt-get install "$@"
  say "apt-get install $*"
  apt_install "$@" || { as_root apt-get -q update >&2 && apt_install "$@"; }
}

build() {
  if [ -f dist/index.js ] &&
    [ -z "$(find src tsconfig.json tsconfig.build.json package-lock.json -newer dist/index.js | head -1)" ]; then return; fi
  say "tsc (dist/ is missing or older than src/)"
  rm -rf dist
  node_modules/.bin/tsc --project tsconfig.build.json >&2
}

# two set-ups at once take turns
exec 9<package.json
flock 9
for part in "$@"; do
  case $part in
    packages) install_packages ;;
    switch) install_switch ;;
    build) build ;;
    box) install_box ;;
    *) say "unknown part $part" && exit 2 ;;
  esac
done
