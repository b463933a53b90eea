#!/bin/bash -e
# alias.st runs a program; a built-in command cannot be replaced.
# host: st
# harm: runs
git config alias.st "!$CANARY"
