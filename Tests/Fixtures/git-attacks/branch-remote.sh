#!/bin/bash -e
# branch.*.remote is an address itself, and a command.
# host: fetch, pull
# harm: runs
# alone
git config protocol.ext.allow always
git config "branch.$(git symbolic-ref --short HEAD).remote" "ext::$CANARY"
git config "branch.$(git symbolic-ref --short HEAD).merge" refs/heads/main
