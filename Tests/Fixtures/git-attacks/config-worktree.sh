#!/bin/bash -e
# extensions.worktreeConfig, and config.worktree has the program.
# host: fetch NAME
# harm: runs
git config core.repositoryFormatVersion 1
# Of a bare repository this would be true for its worktrees too.
git config core.bare false
git config extensions.worktreeConfig true
git config -f "$GITDIR/config.worktree" remote.mine.url "$PWD"
git config -f "$GITDIR/config.worktree" remote.mine.uploadpack "$CANARY"
