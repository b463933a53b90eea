#!/bin/bash -e
# include.path reads a file in .git.
# host: fetch NAME
# harm: runs
git config -f "$COMMON/included" remote.included.url "$PWD"
git config -f "$COMMON/included" remote.included.uploadpack "$CANARY"
git config --add include.path included
