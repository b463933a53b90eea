#!/bin/bash -e
# core.sshCommand and a remote that is reached by ssh.
# host: fetch, push
# harm: runs
git config core.sshCommand "$CANARY"
git remote add by-ssh ssh://localhost/nothing
