#!/bin/bash -e
# .git/hooks is a link to a directory of the work tree.
# host: commit
# harm: runs
# alone
program planted-hooks/pre-commit
rm -rf "$COMMON/hooks"
ln -s "$PWD/planted-hooks" "$COMMON/hooks"
