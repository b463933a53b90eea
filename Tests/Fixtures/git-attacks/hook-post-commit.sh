#!/bin/bash -e
# A hook: post-commit.
# host: commit
# harm: runs
program "$COMMON/hooks/post-commit"
