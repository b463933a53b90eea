#!/bin/sh
# Installs a program into the image from outside Debian, while the image is built:
#
#   install-release.sh release URL COMMAND OWNER/REPOSITORY
#   install-release.sh npm PACKAGE
#
# What cannot be had is reported as a line "ags-warning: ..." and the build goes on.
# Needs curl, jq, sha256sum, tar, unzip.
set -u

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

if [ -s /context/ca.crt ]; then
  export CURL_CA_BUNDLE=/context/ca.crt NODE_EXTRA_CA_CERTS=/context/ca.crt
fi

leave() {
  echo "ags-warning: $1"
  exit 0
}

fetch() { # URL FILE
  curl --fail --silent --show-error --location --retry 2 --connect-timeout 10 \
    --max-time 300 --output "$2" "$1" 2>"$work/curl.err"
}

# The assets of a release for this machine, static builds last.
pattern() {
  case "$(uname -m)" in
  x86_64) machine='x86_64|amd64|x64' ;;
  aarch64) machine='aarch64|arm64' ;;
  *) leave "no $command for a $(uname -m) machine" ;;
  esac
}

# One line a candidate: tag, archive's name, archive's URL, checksum file's URL. Newest
# release first; only releases that are neither drafts nor previews, only archives that
# have a checksum.
candidates() {
  jq --raw-output --arg machine "$machine" '
    .[] | select((.draft or .prerelease) | not) | . as $release
    | (.assets | map({key: .name, value: .browser_download_url}) | from_entries) as $url
    | ($url["checksums.txt"] // $url["SHA256SUMS"] // $url["SHA256SUMS.txt"]) as $sums
    | [.assets[].name
        | select(test("linux"; "i") and test("(^|[_.-])(" + $machine + ")([_.-]|$)"; "i"))
        | select(test("\\.(tar\\.gz|tgz|tar\\.xz|zip)$"))]
    | sort_by(test("musl"))[]
    | . as $name
    | ($url[$name + ".sha256"] // $sums) as $checksum
    | select($checksum)
    | [$release.tag_name, $name, $url[$name], $checksum] | @tsv
  ' "$work/releases.json"
}

verified() { # ARCHIVE NAME CHECKSUMS
  expected="$(awk -v name="$2" '
    NF == 1 && length($1) == 64 { print $1; exit }
    { file = $2; sub(/^[*]/, "", file); sub(/^.*\//, "", file) }
    file == name { print $1; exit }' "$3")"
  actual="$(sha256sum "$1" | cut -d" " -f1)"
  [ -n "$expected" ] && [ "$expected" = "$actual" ]
}

unpack() { # ARCHIVE NAME DIRECTORY
  mkdir "$3"
  case "$2" in
  *.zip) unzip -q "$1" -d "$3" ;;
  *) tar -xf "$1" -C "$3" --no-same-owner ;;
  esac
}

release() { # URL COMMAND REPOSITORY
  command="$2"
  pattern
  fetch "$1/$3/releases?per_page=20" "$work/releases.json" ||
    leave "$command is left out: the releases of $3 cannot be reached"
  candidates >"$work/candidates" ||
    leave "$command is left out: the list of releases of $3 is not understood"
  tried=0
  while IFS="$(printf '\t')" read -r tag name archive checksums; do
    tried=$((tried + 1))
    [ "$tried" -le 4 ] || break
    rm -rf "$work/tree"
    if ! fetch "$archive" "$work/archive" || ! fetch "$checksums" "$work/sums"; then
      echo "ags-warning: $command $tag: $name cannot be downloaded"
    elif ! verified "$work/archive" "$name" "$work/sums"; then
      echo "ags-warning: $command $tag: $name does not have its checksum"
    elif ! unpack "$work/archive" "$name" "$work/tree"; then
      echo "ags-warning: $command $tag: $name cannot be unpacked"
    else
      file="$(find "$work/tree" -type f -name "$command" | head -n 1)"
      # Releases with another machine's program under this machine's name have happened.
      if [ -n "$file" ] && chmod 755 "$file" &&
        timeout 20 "$file" --version >/dev/null 2>&1 </dev/null; then
        install -m 755 -o root -g root "$file" "/usr/local/bin/$command"
        echo "$command $tag installed"
        exit 0
      fi
      echo "ags-warning: $command $tag: the program in $name does not run here"
    fi
  done <"$work/candidates"
  leave "$command is left out: no stable release of $3 has an archive and a checksum that work"
}

npm_package() { # PACKAGE
  if timeout 120 npm install --global --ignore-scripts --no-fund --no-audit \
    --fetch-retries=1 --fetch-timeout=20000 --cache "$work/npm" "$1" >"$work/npm.log" 2>&1; then
    echo "$1 installed"
  else
    leave "$1 is left out: npm could not install it"
  fi
}

case "$1" in
release) release "$2" "$3" "$4" ;;
npm) npm_package "$2" ;;
*)
  echo "install-release.sh: unknown source $1" >&2
  exit 2
  ;;
esac
