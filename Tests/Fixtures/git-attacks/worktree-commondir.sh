#!/bin/bash -e
# worktrees/n/commondir of a new worktree leads to a hostile directory.
# host: status in it
# harm: runs
# alone
# during: read
git worktree add -q --detach tree 2>/dev/null
hostile tree-common
id=$(sed 's/^gitdir: //' tree/.git)
echo "$PWD/tree-common/.git" >"$id/commondir"
