#!/bin/bash -e
# A filter with a smudge command, chosen in info/attributes.
# host: checkout topic, merge
# harm: runs
mkdir -p "$COMMON/info"
echo 'smudge.* filter=smudges' >>"$COMMON/info/attributes"
on_topic smudge.txt smudge
git config filter.smudges.smudge "$CANARY cat"
