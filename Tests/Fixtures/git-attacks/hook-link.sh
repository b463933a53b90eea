#!/bin/bash -e
# A hook is a link to a file of the work tree.
# host: commit
# harm: runs
# alone
program ./planted-hook
mkdir -p "$COMMON/hooks"
ln -sf "$PWD/planted-hook" "$COMMON/hooks/pre-commit"
