#!/bin/bash -e
# mergetool.*.cmd and merge.tool.
# host: mergetool
# harm: runs
git config merge.tool mine
git config mergetool.mine.cmd "$CANARY"
