#!/bin/bash -e
# rm -rf .git
# host: status
# harm: breaks rewrites
# alone
rm -rf "$TOP/.git" "$GITDIR" "$COMMON"
