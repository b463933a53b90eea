#!/bin/bash -e
# remote.*.uploadpack runs a program.
# host: fetch NAME
# harm: runs
git remote add packs "$PWD"
git config remote.packs.uploadpack "$CANARY"
