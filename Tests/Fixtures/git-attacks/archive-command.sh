#!/bin/bash -e
# tar.*.command of a format of archives.
# host: archive
# harm: runs
git config tar.tar.gz.command "$CANARY"
