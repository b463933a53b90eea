#!/bin/bash -e
# objects/info/alternates borrows from a repository of the user.
# host: log, cat-file
# harm: borrows
# alone
mkdir -p "$COMMON/objects/info"
echo "$VICTIM/repository/.git/objects" >>"$COMMON/objects/info/alternates"
