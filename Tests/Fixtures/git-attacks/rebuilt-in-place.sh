#!/bin/bash -e
# All in .git is replaced, .git itself is not.
# host: status
# harm: runs rewrites
# during: read
# alone
hostile "$TOP/hostile"
rm -rf "${GITDIR:?}"/* 2>/dev/null || true
cp -r "$TOP/hostile/.git/." "$GITDIR"
git config core.worktree "$TOP"
