#!/bin/bash -e
# diff.*.command for one file.
# host: diff
# harm: runs
mkdir -p "$COMMON/info"
echo 'command.* diff=commands' >>"$COMMON/info/attributes"
committed command.txt one
git config diff.commands.command "$CANARY"
echo two >command.txt
