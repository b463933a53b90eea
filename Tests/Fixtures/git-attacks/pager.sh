#!/bin/bash -e
# core.pager names a program.
# host: log, diff at a terminal
# harm: runs
git config core.pager "$CANARY"
