#!/bin/bash -e
# A rebase under way, whose next step is a command.
# host: rebase --continue
# harm: runs
# alone
mkdir "$GITDIR/rebase-merge"
cd "$GITDIR/rebase-merge"
git symbolic-ref -q HEAD >head-name
git rev-parse HEAD | tee onto orig-head >/dev/null
echo "exec $CANARY" >git-rebase-todo
: >interactive
: >'done'
: >message
