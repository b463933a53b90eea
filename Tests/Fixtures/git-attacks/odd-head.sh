#!/bin/bash -e
# HEAD is a branch that looks like an option.
# host: status
# harm: odd
# alone
git update-ref refs/heads/-option HEAD
echo 'ref: refs/heads/-option' >"$GITDIR/HEAD"
