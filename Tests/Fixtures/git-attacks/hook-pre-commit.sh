#!/bin/bash -e
# A hook: pre-commit.
# host: commit
# harm: runs
program "$COMMON/hooks/pre-commit"
