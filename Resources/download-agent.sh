#!/bin/sh
# Downloads for `ags update-agents` (docs/agents.md). Runs in a throwaway container, which
# can write nothing (get) or one empty DIRECTORY:
#
#   sh -s get TYPE LIMIT                      prints the machine, the C library, then what
#                                             is at the address
#   sh -s program DIRECTORY SHA256 PATH       downloads one program
#   sh -s wheel DIRECTORY SHA256 FOLDER PATH  downloads a wheel, unpacks what is below
#                                             FOLDER, where a program is at PATH
#
# The variable `address` may hold a password, `shown` is the same without. Lines on standard
# output of the last two: `progress DONE TOTAL`, `doing WHAT`, `failed REASON`. Of `get` the
# reason is the last line on standard error. What to download, and which hash it must have, was
# decided on the host. Nothing of what is downloaded is executed.
set -eu
umask 022
: "${address:?}" "${shown:?}"

largest_download=1073741824
largest_unpacked=4294967296
most_entries=200000

failed() {
  if [ "$kind" = get ]; then printf '%s\n' "$*" >&2; else printf 'failed %s\n' "$*"; fi
  exit 1
}

# The address goes through a pipe, so that no process list and no log ever has it.
fetch() { # LIMIT OPTION...
  limit=$1
  shift
  status=0
  printf 'url = "%s"\n' "$address" |
    curl --disable --config - --globoff --proto =http,https --location --max-redirs 10 \
      --silent --show-error --fail --connect-timeout 30 --speed-limit 1 --speed-time 30 \
      --max-filesize "$limit" --user-agent ags --write-out '%{stderr}%{http_code}\n' \
      "$@" 2>/tmp/curl || status=$?
  case $status in
  0) ;;
  22) failed "$shown answered $(tail -n 1 /tmp/curl)" ;;
  # 153: the container's own limit for files, where an old curl does not keep to it.
  63 | 153) failed "$shown sent more than $((limit >> 20)) MiB" ;;
  18 | 56) failed "$shown broke off" ;;
  23) failed "what $shown sent cannot be written: is the disk full?" ;;
  *) failed "$shown cannot be reached: $(sed -n 's/^curl: ([0-9]*) //p' /tmp/curl | head -n 1)" ;;
  esac
}

get() { # TYPE LIMIT
  library=$(getconf GNU_LIBC_VERSION 2>/dev/null) ||
    library=$(ldd --version 2>&1 | sed -n 's/^Version /musl /p')
  printf '%s %s\n' "$(uname -m)" "$library"
  fetch "$2" --compressed --header "Accept: $1"
}

watch() { # FILE HEADERS
  while sleep 0.3; do
    total=$(sed -n 's/^[Cc]ontent-[Ll]ength: *\([0-9]*\).*/\1/p' "$2" 2>/dev/null | tail -n 1)
    [ -z "$total" ] || printf 'progress %s %s\n' "$(wc -c <"$1")" "$total"
  done 2>/dev/null
}

download() { # FILE SHA256
  : >"$1"
  watch "$1" "$work/headers" &
  fetch "$largest_download" --output "$1" --dump-header "$work/headers"
  kill $! || :
  [ "$(sha256sum <"$1" | cut -c 1-64)" = "$2" ] ||
    failed "$shown is not what its hash says: nothing of it is used"
}

program() { # DIRECTORY SHA256 PATH
  mkdir -p "$1/$(dirname "$3")"
  download "$1/$3" "$2"
  chmod 755 "$1/$3"
}

# Wherever it is in the wheel. `?` is a file of which only the permissions are known.
expect_plain() { # LIST: of `unzip -Zs`
  [ "$(wc -l <"$1")" -le "$most_entries" ] || failed "the wheel has more than $most_entries entries"
  stray=$(LC_ALL=C awk '
    { name = $0; for (i = 0; i < 8; i++) sub(/^ *[^ ]+ ?/, "", name) }
    $1 !~ /^[-d?]/ || name ~ /(^|\/)\.?\.?\/|(^|\/)\.\.?$|\\|^ / { print name; exit }' "$1")
  [ -z "$stray" ] || failed "the wheel has an entry that is not a plain file: $stray"
}

wheel() { # DIRECTORY SHA256 FOLDER PATH
  download "$work/wheel" "$2"
  echo "doing unpacking"
  unzip -Zs "$work/wheel" '*' >"$work/list" 2>/tmp/unzip ||
    failed "the wheel cannot be unpacked: $(tail -n 1 /tmp/unzip)"
  expect_plain "$work/list"
  left=$largest_unpacked
  while read -r mode _ _ _ _ _ _ _ name; do
    case $name in
    */) continue ;;
    "$3"/*) unpack "$1/$name" ;;
    esac
  done <"$work/list"
  [ -f "$1/$4" ] || failed "the wheel has no $4"
  chmod 755 "$1/$4"
}

unpack() { # TARGET, with $mode and $name
  # unzip takes a name for a pattern.
  case $name in
  *[!A-Za-z0-9._+@/\ -]*) failed "the wheel has an entry of an unusual name: $name" ;;
  esac
  [ ! -e "$1" ] || failed "the wheel has an entry twice: $name"
  mkdir -p "${1%/*}"
  rm -f "$work/bad"
  { unzip -p "$work/wheel" "$name" 2>/tmp/unzip || : >"$work/bad"; } |
    head -c $((left + 1)) >"$1" || failed "the wheel cannot be unpacked: is the disk full?"
  left=$((left - $(wc -c <"$1")))
  [ "$left" -ge 0 ] || failed "the wheel unpacks to more than $((largest_unpacked >> 20)) MiB"
  [ ! -e "$work/bad" ] || failed "the wheel cannot be unpacked: $(tail -n 1 /tmp/unzip)"
  case $mode in
  [-?]??x*) chmod 755 "$1" ;;
  esac
}

main() {
  kind=$1
  shift
  for tool in curl sha256sum unzip; do
    [ "$kind" = wheel ] || [ "$tool" != unzip ] || continue
    command -v "$tool" >/dev/null || failed "$tool is not in the image"
  done
  [ "$kind" = get ] || {
    work=$1/.work
    mkdir "$work"
  }
  "$kind" "$@"
  [ "$kind" = get ] || rm -rf "$work"
}

# At the end, so that a script that was cut off does nothing.
main "$@" </dev/null
