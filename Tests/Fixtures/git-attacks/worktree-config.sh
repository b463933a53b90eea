#!/bin/bash -e
# worktrees/n/config.worktree of a new worktree.
# host: status in it
# harm: runs
# during: read
git worktree add -q --detach tree-two 2>/dev/null
git config core.repositoryFormatVersion 1
git config core.bare false
git config extensions.worktreeConfig true
id=$(sed 's/^gitdir: //' tree-two/.git)
git config -f "$id/config.worktree" core.fsmonitor "$CANARY"
