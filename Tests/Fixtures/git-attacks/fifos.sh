#!/bin/bash -e
# Pipes where git reads files.
# host: status, fetch
# harm: hangs
# alone
mkdir -p "$COMMON/info"
rm -f "$COMMON/info/exclude" "$COMMON/packed-refs"
mkfifo "$COMMON/info/exclude" "$COMMON/packed-refs" "$COMMON/refs/heads/pipe" "$GITDIR/FETCH_HEAD"
