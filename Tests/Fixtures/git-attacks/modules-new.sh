#!/bin/bash -e
# A hostile directory in modules/, and a submodule file that leads to it.
# host: status
# harm: runs
# during: read
# alone
# stopped inside
# kind: submodules
hostile hostile
mv hostile/.git "$GITDIR/modules/new"
git --git-dir="$GITDIR/modules/new" config core.worktree ../../../vendor/library
echo "gitdir: ../../.git/modules/new" >vendor/library/.git
