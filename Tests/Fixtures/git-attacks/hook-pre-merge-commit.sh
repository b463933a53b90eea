#!/bin/bash -e
# A hook: pre-merge-commit.
# host: merge
# harm: runs
program "$COMMON/hooks/pre-merge-commit"
