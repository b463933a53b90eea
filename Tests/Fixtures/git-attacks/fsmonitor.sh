#!/bin/bash -e
# core.fsmonitor names a program.
# host: status, diff, add
# harm: runs
git config core.fsmonitor "$CANARY"
