#!/bin/bash -e
# remote.*.receivepack runs a program.
# host: push NAME
# harm: runs
git remote add receives "$PWD"
git config remote.receives.receivepack "$CANARY"
