#!/bin/bash -e
# man.*.cmd and man.viewer.
# host: help
# harm: runs
git config man.viewer mine
git config man.mine.cmd "$CANARY"
