#!/bin/bash -e
# remote.*.vcs sends an ordinary address to the ext helper.
# host: fetch NAME
# harm: runs
git remote add vcs "$CANARY"
git config remote.vcs.vcs ext
git config protocol.ext.allow always
