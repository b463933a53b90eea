#!/bin/bash -e
# includeIf by the directory.
# host: fetch NAME
# harm: runs
git config -f "$COMMON/included-if" remote.conditional.url "$PWD"
git config -f "$COMMON/included-if" remote.conditional.uploadpack "$CANARY"
git config --add "includeIf.gitdir:/**.path" included-if
