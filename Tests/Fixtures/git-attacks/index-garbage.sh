#!/bin/bash -e
# The index is no index.
# host: status
# harm: breaks
# alone
echo garbage >"$GITDIR/index"
