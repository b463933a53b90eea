#!/bin/bash -e
# A hook: commit-msg.
# host: commit
# harm: runs
program "$COMMON/hooks/commit-msg"
