#!/bin/bash -e
# includeIf by the branch checked out.
# host: checkout topic
# harm: runs
git config -f "$COMMON/on-branch" core.fsmonitor "$CANARY"
git config --add includeIf.onbranch:topic.path on-branch
