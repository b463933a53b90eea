#!/bin/bash -e
# A new bare repository with hooks.
# host: commit in it
# harm: runs
# during: read
mkdir -p build
git init -q --bare build/bare
git -C build/bare config core.bare false
git -C build/bare config core.worktree "$PWD/build/bare"
git -C build/bare config core.fsmonitor "$CANARY"
