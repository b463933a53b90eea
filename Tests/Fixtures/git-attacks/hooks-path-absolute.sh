#!/bin/bash -e
# core.hooksPath names a directory in .git.
# host: commit
# harm: runs
# alone
program "$COMMON/more-hooks/pre-commit"
git config core.hooksPath "$COMMON/more-hooks"
