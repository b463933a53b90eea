#!/bin/bash -e
# worktrees/n/gitdir leads to a directory of the user.
# host: worktree repair
# harm: writes
mkdir -p "$COMMON/worktrees/out"
echo "$VICTIM/repository-two/.git" >"$COMMON/worktrees/out/gitdir"
echo ../.. >"$COMMON/worktrees/out/commondir"
git rev-parse HEAD >"$COMMON/worktrees/out/HEAD"
echo "$VICTIM/.git" >"$COMMON/worktrees/out/gitdir"
