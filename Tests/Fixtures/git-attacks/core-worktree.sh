#!/bin/bash -e
# core.worktree leads to files of the user.
# host: checkout, reset, stash
# harm: writes
# alone
git config core.worktree "$VICTIM"
