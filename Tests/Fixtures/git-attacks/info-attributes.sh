#!/bin/bash -e
# info/attributes gives every file a filter.
# host: status, add, checkout
# harm: runs
# alone
mkdir -p "$COMMON/info"
echo '* filter=all diff=all merge=all' >"$COMMON/info/attributes"
git config filter.all.smudge "$CANARY cat"
git config filter.all.clean "$CANARY cat"
