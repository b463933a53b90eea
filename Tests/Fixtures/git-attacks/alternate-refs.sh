#!/bin/bash -e
# core.alternateRefsCommand and a repository to borrow from.
# host: fetch
# harm: runs
git config core.alternateRefsCommand "$CANARY"
git init -q --bare "$COMMON/borrowed"
echo "$COMMON/borrowed/objects" >>"$COMMON/objects/info/alternates"
