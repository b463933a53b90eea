#!/bin/bash -e
# core.gitProxy and a remote of the git protocol.
# host: fetch
# harm: runs
git config core.gitProxy "$CANARY"
git remote add proxied git://127.0.0.1:1/nothing
