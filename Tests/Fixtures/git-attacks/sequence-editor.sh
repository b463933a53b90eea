#!/bin/bash -e
# sequence.editor names a program.
# host: rebase -i
# harm: runs
git config sequence.editor "$CANARY"
