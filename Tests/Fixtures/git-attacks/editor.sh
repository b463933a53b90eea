#!/bin/bash -e
# core.editor names a program.
# host: commit --amend, branch --edit-description
# harm: runs
git config core.editor "$CANARY"
