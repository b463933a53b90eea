#!/bin/bash -e
# commondir leads to a hostile directory.
# host: status
# harm: runs
# during: read
# alone
hostile "$TOP/hostile"
echo "$TOP/hostile/.git" >"$GITDIR/commondir"
