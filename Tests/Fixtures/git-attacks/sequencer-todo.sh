#!/bin/bash -e
# A cherry-pick under way, with a todo list.
# host: cherry-pick --continue
# harm: nothing
# why: the sequencer of cherry-pick takes picks only
# alone
mkdir "$GITDIR/sequencer"
git rev-parse HEAD >"$GITDIR/sequencer/head"
echo "exec $CANARY" >"$GITDIR/sequencer/todo"
git rev-parse topic >"$GITDIR/CHERRY_PICK_HEAD"
