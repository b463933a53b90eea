#!/bin/bash -e
# HEAD is broken, and the work tree itself is a git directory.
# host: status
# harm: runs rewrites
# alone
git init -q --bare bare.tmp
git -C bare.tmp config core.bare false
git -C bare.tmp config core.worktree "$TOP"
git -C bare.tmp config core.fsmonitor "$CANARY"
for part in HEAD config objects refs; do mv "bare.tmp/$part" "$TOP/"; done
rm -rf bare.tmp
echo garbage >"$GITDIR/HEAD"
