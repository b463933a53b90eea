#!/bin/bash -e
# .git/FETCH_HEAD is a link to a file of the user.
# host: fetch
# harm: writes
# alone
ln -sf "$VICTIM/file" "$GITDIR/FETCH_HEAD"
