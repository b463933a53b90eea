#!/bin/bash -e
# A remote of the ext protocol, which is a command.
# host: fetch
# harm: runs
git config protocol.ext.allow always
git remote add extends "ext::$CANARY"
