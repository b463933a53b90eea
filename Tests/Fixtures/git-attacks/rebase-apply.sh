#!/bin/bash -e
# An am under way, with a hostile state.
# host: am --continue
# harm: nothing
# why: author-script is read by git and run by no shell
# alone
mkdir "$GITDIR/rebase-apply"
cd "$GITDIR/rebase-apply"
echo 1 | tee next last >/dev/null
: >applying
printf "GIT_AUTHOR_NAME='a'; %s\n" "$CANARY" >author-script
