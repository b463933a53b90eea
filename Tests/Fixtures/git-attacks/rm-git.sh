#!/bin/bash -e
# rm -rf .git
# host: status
# harm: breaks rewrites
# alone
# stopped inside
rm -rf "$TOP/.git" "$GITDIR" "$COMMON"
