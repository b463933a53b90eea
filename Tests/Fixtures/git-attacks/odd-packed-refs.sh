#!/bin/bash -e
# Names in packed-refs that lead out of refs/.
# host: branch, pack-refs
# harm: rewrites
# alone
id=$(git rev-parse HEAD)
{
  echo '# pack-refs with: peeled fully-peeled sorted '
  printf '%s %s\n' "$id" ../../../planted "$id" config "$id" refs/../config "$id" \
    refs/heads/../../hooks/pre-commit "$id" refs/heads/--upload-pack=x
} >"$COMMON/packed-refs"
