#!/bin/bash -e
# origin is in .git/remotes now, and is a command.
# host: fetch, pull
# harm: runs
# alone
git config --remove-section remote.origin 2>/dev/null || true
git config protocol.ext.allow always
mkdir -p "$COMMON/remotes"
printf 'URL: ext::%s\nPull: refs/heads/main\n' "$CANARY" >"$COMMON/remotes/origin"
