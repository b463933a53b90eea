#!/bin/bash -e
# core.worktree of a submodule leads to files of the user.
# host: submodule foreach
# harm: writes
# alone
# kind: submodules
git -C vendor/library config core.worktree "$VICTIM"
