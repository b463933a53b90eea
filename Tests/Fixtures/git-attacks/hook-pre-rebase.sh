#!/bin/bash -e
# A hook: pre-rebase.
# host: rebase
# harm: runs
program "$COMMON/hooks/pre-rebase"
