#!/usr/bin/env bash
# Installs what the package needs and the machine lacks, and says so: Scripts/prepare.sh [gnuplot] [node] [chromium]
set -euo pipefail
cd "$(dirname "$0")/.."

needed_swift=6.2

say() { printf 'descent: %s\n' "$*"; }
fail() { printf 'descent: %s\n' "$*" >&2; exit 1; }

check_swift() {
  command -v swift >/dev/null || fail "Swift is missing: install Swift $needed_swift or newer from https://www.swift.org/install"
  local version
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' | sed -n 1p)
  [ -n "$version" ] || fail "'swift --version' does not say a version: install Swift $needed_swift or newer from https://www.swift.org/install"
  local oldest
  oldest=$(printf '%s\n%s\n' "$needed_swift" "$version" | sort -t . -k 1,1n -k 2,2n | sed -n 1p)
  [ "$oldest" = "$needed_swift" ] || fail "Swift $version is too old: install $needed_swift or newer from https://www.swift.org/install"
}

# Whether program $1 was asked for and is missing.
lacks() {
  case " $tools " in *" $1 "*) ! command -v "$1" >/dev/null ;; *) false ;; esac
}

install_debian() {
  local missing=() package
  for package in libdnnl-dev zlib1g-dev libsqlite3-dev; do
    [ "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null)" = "install ok installed" ] || missing+=("$package")
  done
  ! lacks gnuplot || missing+=(gnuplot-nox)
  ! lacks node || missing+=(nodejs)
  ! lacks chromium || missing+=(chromium)
  [ ${#missing[@]} -gt 0 ] || return 0
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "missing: ${missing[*]}; install them as root: apt-get install ${missing[*]}"
    root=(sudo)
  fi
  say "installing ${missing[*]} with apt-get"
  # An index that cannot be brought up to date may still do.
  ${root[@]+"${root[@]}"} apt-get update -q || say "apt-get update failed; trying with the package lists there are"
  ${root[@]+"${root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" \
    || fail "apt-get could not install ${missing[*]}"
}

install_homebrew() {
  command -v brew >/dev/null || fail "Homebrew is missing: install it from https://brew.sh, or oneDNN yourself with a dnnl.pc that pkg-config finds"
  local missing=() package
  for package in onednn; do
    brew list --versions "$package" >/dev/null 2>&1 || missing+=("$package")
  done
  for package in gnuplot node; do
    ! lacks "$package" || missing+=("$package")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    say "installing ${missing[*]} with brew"
    brew install "${missing[@]}" || fail "brew could not install ${missing[*]}"
  fi
  describe_onednn "$(brew --prefix onednn)"
}

# oneDNN has no pkg-config file of its own; the Makefile puts this one's folder into PKG_CONFIG_PATH.
describe_onednn() {
  mkdir -p .build/pkgconfig
  cat > .build/pkgconfig/dnnl.pc <<END
prefix=$1
Name: dnnl
Description: oneAPI Deep Neural Network Library
Version: 3
Libs: -L\${prefix}/lib -ldnnl
Cflags: -I\${prefix}/include
END
}

tools="$*"
check_swift
case "$(uname -s)" in
  Darwin) install_homebrew ;;
  Linux)
    if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
      install_debian
    else
      say "this system has no apt-get: oneDNN (libdnnl), zlib and SQLite must be installed with their headers${tools:+, and $tools}"
    fi ;;
  *) fail "$(uname -s) is not supported: use Linux or macOS" ;;
esac
