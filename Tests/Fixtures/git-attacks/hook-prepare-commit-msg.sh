#!/bin/bash -e
# A hook: prepare-commit-msg.
# host: commit
# harm: runs
program "$COMMON/hooks/prepare-commit-msg"
