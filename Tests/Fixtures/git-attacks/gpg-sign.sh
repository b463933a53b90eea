#!/bin/bash -e
# commit.gpgSign with a gpg.program.
# host: commit, tag, cherry-pick
# harm: runs
# alone
git config commit.gpgSign true
git config tag.gpgSign true
git config gpg.program "$CANARY"
