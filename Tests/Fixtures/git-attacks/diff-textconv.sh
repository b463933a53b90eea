#!/bin/bash -e
# diff.*.textconv for one file.
# host: diff, log -p, blame
# harm: runs
mkdir -p "$COMMON/info"
echo 'textconv.* diff=converts' >>"$COMMON/info/attributes"
committed textconv.txt one
git config diff.converts.textconv "$CANARY"
echo two >textconv.txt
