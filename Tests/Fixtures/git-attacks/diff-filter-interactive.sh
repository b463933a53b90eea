#!/bin/bash -e
# interactive.diffFilter.
# host: add -p at a terminal
# harm: runs
committed part.txt one
git config interactive.diffFilter "$CANARY"
echo two >part.txt
