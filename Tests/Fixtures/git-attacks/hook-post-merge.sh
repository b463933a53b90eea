#!/bin/bash -e
# A hook: post-merge.
# host: merge, pull
# harm: runs
program "$COMMON/hooks/post-merge"
