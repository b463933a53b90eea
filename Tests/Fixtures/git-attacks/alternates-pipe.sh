#!/bin/bash -e
# objects/info/alternates is a pipe.
# host: log
# harm: hangs
# alone
mkdir -p "$COMMON/objects/info"
rm -f "$COMMON/objects/info/alternates"
mkfifo "$COMMON/objects/info/alternates"
