#!/bin/bash -e
# gpg.ssh.defaultKeyCommand with commit.gpgSign.
# host: commit
# harm: runs
# alone
git config commit.gpgSign true
git config gpg.format ssh
git config gpg.ssh.defaultKeyCommand "$CANARY"
