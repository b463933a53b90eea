#!/bin/bash -e
# .git/ORIG_HEAD is a link to a file of the user.
# host: merge
# harm: nothing
# alone
# why: git replaces this one
ln -sf "$VICTIM/file" "$GITDIR/ORIG_HEAD"
