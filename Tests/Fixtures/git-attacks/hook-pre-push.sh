#!/bin/bash -e
# A hook: pre-push.
# host: push
# harm: runs
program "$COMMON/hooks/pre-push"
