#!/bin/bash -e
# A filter with a process command, chosen in info/attributes.
# host: checkout topic, merge
# harm: runs
# alone
mkdir -p "$COMMON/info"
echo 'process.* filter=processes' >>"$COMMON/info/attributes"
on_topic process.txt process
git config filter.processes.process "$CANARY"
