#!/bin/bash -e
# What is pushed to is a repository hidden in .git.
# host: push
# harm: runs
git init -q --bare "$COMMON/planted"
program "$COMMON/planted/hooks/pre-receive"
git remote add hidden "$COMMON/planted"
