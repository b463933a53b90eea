#!/bin/bash -e
# modules/*/commondir leads to a hostile directory.
# host: status
# harm: runs
# during: read
# alone
# kind: submodules
hostile hostile
echo "$PWD/hostile/.git" >"$GITDIR/modules/vendor/library/commondir"
