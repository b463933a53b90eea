#!/bin/bash -e
# A new repository with a rebase under way, and a config.worktree.
# host: status in it
# harm: runs
# during: read
hostile rebasing
git -C rebasing config --unset core.fsmonitor
git -C rebasing config core.repositoryFormatVersion 1
git -C rebasing config extensions.worktreeConfig true
git config -f rebasing/.git/config.worktree core.fsmonitor "$CANARY"
