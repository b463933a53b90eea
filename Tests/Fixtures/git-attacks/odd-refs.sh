#!/bin/bash -e
# Names of references that are options, controls, or other names.
# host: branch
# harm: odd
# alone
id=$(git rev-parse HEAD)
cd "$COMMON/refs/heads"
for name in -option --exec=x HEAD FETCH_HEAD '@' "$id" 'with space' $'red\e[31m' $'two\nlines' \
  a..b x.lock '~x' $'\xff\xfe' $'\u202etxt' "$(printf 'long%0240d' 0)"; do
  echo "$id" >"$name"
done

mkdir -p refs/heads
echo "$id" >refs/heads/main
echo "$id" >../tags/-f
git symbolic-ref refs/heads/points ../../../elsewhere 2>/dev/null || echo 'ref: refs/heads/../../x' >points
