#!/bin/bash -e
# difftool.*.cmd and diff.tool.
# host: difftool
# harm: runs
git config diff.tool mine
git config difftool.mine.cmd "$CANARY"
committed tool.txt one
echo two >tool.txt
