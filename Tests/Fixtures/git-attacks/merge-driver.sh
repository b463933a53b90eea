#!/bin/bash -e
# merge.*.driver for one file that both branches changed.
# host: merge, rebase, cherry-pick
# harm: runs
mkdir -p "$COMMON/info"
echo 'both.* merge=drives' >>"$COMMON/info/attributes"
committed both.txt here
on_topic both.txt there
git config merge.drives.driver "$CANARY %A"
