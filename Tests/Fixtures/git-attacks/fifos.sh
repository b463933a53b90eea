#!/bin/bash -e
# Pipes where git reads files.
# host: status, fetch
# harm: hangs
# alone
mkdir -p "$COMMON/info"
rm -f "$COMMON/info/exclude" "$COMMON/packed-refs" "$GITDIR/FETCH_HEAD"
mkfifo "$COMMON/info/exclude" "$COMMON/packed-refs" "$COMMON/refs/heads/pipe" "$GITDIR/FETCH_HEAD"
