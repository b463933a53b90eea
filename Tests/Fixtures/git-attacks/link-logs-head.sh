#!/bin/bash -e
# .git/logs/HEAD is a link to a file of the user.
# host: commit
# harm: writes
# alone
mkdir -p "$GITDIR/logs"
ln -sf "$VICTIM/file" "$GITDIR/logs/HEAD"
