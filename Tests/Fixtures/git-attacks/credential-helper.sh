#!/bin/bash -e
# credential.helper runs a program.
# host: credential fill
# harm: runs
git config credential.helper "!$CANARY"
