#!/bin/bash -e
# uploadpack.packObjectsHook.
# host: fetch
# harm: nothing
# why: git takes it from no repository
git config uploadpack.packObjectsHook "$CANARY"
