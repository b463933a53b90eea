#!/bin/bash -e
# A hook: reference-transaction.
# host: commit, branch, fetch
# harm: runs
program "$COMMON/hooks/reference-transaction"
