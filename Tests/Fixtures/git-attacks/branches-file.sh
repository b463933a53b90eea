#!/bin/bash -e
# origin is in .git/branches now, and is a command.
# host: fetch, pull
# harm: runs
# alone
git config --remove-section remote.origin 2>/dev/null || true
git config protocol.ext.allow always
mkdir -p "$COMMON/branches"
printf 'ext::%s#main\n' "$CANARY" >"$COMMON/branches/origin"
