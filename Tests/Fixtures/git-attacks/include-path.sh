#!/bin/bash -e
# include.path reads a file of the work tree.
# host: status
# harm: runs
# alone
git config -f more-config core.fsmonitor "$CANARY"
git config include.path "$PWD/more-config"
