#!/bin/bash -e
# A hook: post-index-change.
# host: status, add
# harm: runs
program "$COMMON/hooks/post-index-change"
