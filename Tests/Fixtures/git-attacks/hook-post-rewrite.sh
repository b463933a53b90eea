#!/bin/bash -e
# A hook: post-rewrite.
# host: commit --amend, rebase
# harm: runs
program "$COMMON/hooks/post-rewrite"
