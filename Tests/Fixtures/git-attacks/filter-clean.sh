#!/bin/bash -e
# A filter with a clean command, chosen in info/attributes.
# host: status, diff, add, stash
# harm: runs
mkdir -p "$COMMON/info"
echo 'clean.* filter=cleans' >>"$COMMON/info/attributes"
committed clean.txt clean
git config filter.cleans.clean "$CANARY cat"
echo changed >clean.txt
