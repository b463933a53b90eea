#!/bin/bash -e
# A hook whose name is in capitals.
# host: commit
# harm: nothing
# why: only where file names have no case
program "$COMMON/hooks/PRE-COMMIT"
