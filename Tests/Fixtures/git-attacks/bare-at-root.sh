#!/bin/bash -e
# The work tree itself is a git directory, beside a good .git.
# host: status
# harm: nothing
# alone
# why: .git comes first
git init -q --bare bare.tmp
git -C bare.tmp config core.bare false
git -C bare.tmp config core.worktree "$TOP"
git -C bare.tmp config core.fsmonitor "$CANARY"
for part in HEAD config objects refs; do mv "bare.tmp/$part" "$TOP/"; done
rm -rf bare.tmp
