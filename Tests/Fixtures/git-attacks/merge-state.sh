#!/bin/bash -e
# A merge under way that takes everything away.
# host: merge --continue, commit
# harm: nothing
# why: what was staged is committed; history stays
# alone
git rev-parse topic >"$GITDIR/MERGE_HEAD"
echo 'hostile merge' >"$GITDIR/MERGE_MSG"
git rm -q -r --cached .
