#!/bin/bash -e
# A sample hook is made a real one by its link.
# host: commit
# harm: runs
# alone
program "$COMMON/hooks/pre-commit.sample"
ln -sf pre-commit.sample "$COMMON/hooks/pre-commit"
