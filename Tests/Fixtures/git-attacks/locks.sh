#!/bin/bash -e
# Locks that are never released.
# host: add, commit
# harm: nothing
# why: host commands fail until the locks are removed
# alone
touch "$GITDIR/index.lock" "$GITDIR/HEAD.lock" "$COMMON/config.lock"
