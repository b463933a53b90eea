#!/bin/sh
# Installs one agent's npm package into a directory, as `ags update-agents` asks
# (docs/agents.md). Runs in a throwaway container that can write only that directory:
#
#   sh -s DIRECTORY BEFORE PACKAGE PROGRAM
#
# BEFORE is the moment a release must be older than. Lines on standard output:
# `version V`, `failed REASON`. No script of a package is executed.
set -eu
umask 022
directory=$1 before=$2 package=$3 program=$4

failed() {
  printf 'failed %s\n' "$*"
  exit 1
}
# What npm said: its first line that is more than a code, else the last of all.
reason() {
  sed -n 's/^npm \(error\|ERR!\) *//p' "$work/errors" |
    grep -v -e '^code ' -e '^errno ' -e '^syscall ' -e '^ *$' | head -n 1 | grep . ||
    tail -n 1 "$work/errors"
}

command -v npm >/dev/null || failed "npm is not in the image"
work=$directory/.work
mkdir -p "$work/home" "$work/tmp"
export HOME="$work/home" TMPDIR="$work/tmp"
export npm_config_cache="$work/cache" npm_config_userconfig="$work/npmrc" \
  npm_config_ignore_scripts=true npm_config_update_notifier=false npm_config_audit=false \
  npm_config_fund=false npm_config_loglevel=error npm_config_fetch_timeout=30000
: >"$work/npmrc"

# A registry that cannot be reached is found out at once, before the patient retries.
if ! npm view --fetch-retries=0 "$package" name </dev/null >/dev/null 2>"$work/errors"; then
  failed "npm cannot find $package: $(reason)"
fi
if ! npm install --prefix "$directory" --ignore-scripts --before="$before" --omit=dev \
  --no-package-lock --install-links --fetch-retries=2 --fetch-retry-mintimeout=1000 \
  --fetch-retry-maxtimeout=8000 -- "$package" </dev/null >/dev/null 2>"$work/errors"; then
  failed "npm cannot install $package: $(reason)"
fi
if [ ! -e "$directory/node_modules/.bin/$program" ]; then
  failed "$package has no program $program; it has: $(
    cd "$directory/node_modules/.bin" 2>/dev/null && printf '%s ' * | cut -c 1-200
  )"
fi
# The name without its version: an @ that is not the first character.
name=$(printf %s "$package" | sed 's/\(.\)@.*/\1/')
version=$(sed -n 's/^ *"version": *"\([^"]*\)".*/\1/p' \
  "$directory/node_modules/$name/package.json" | head -n 1)
rm -rf "$work"
printf 'version %s\n' "${version:-unknown}"
