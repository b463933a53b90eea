#!/bin/bash -e
# trailer.*.command.
# host: commit --trailer
# harm: runs
git config trailer.mine.key Mine
git config trailer.mine.command "$CANARY"
git config trailer.mine.ifmissing add
