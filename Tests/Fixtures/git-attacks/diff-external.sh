#!/bin/bash -e
# diff.external for every file.
# host: diff
# harm: runs
committed external.txt one
git config diff.external "$CANARY"
echo two >external.txt
