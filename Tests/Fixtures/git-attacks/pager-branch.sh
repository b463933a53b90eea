#!/bin/bash -e
# pager.branch names a program for one command.
# host: branch at a terminal
# harm: runs
git config pager.branch "$CANARY"
