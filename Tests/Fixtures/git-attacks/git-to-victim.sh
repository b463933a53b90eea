#!/bin/bash -e
# .git becomes a file that leads to a repository of the user.
# host: commit, add
# harm: writes rewrites borrows
# alone
# stopped inside
mv "$TOP/.git" "$TOP/.git-before"
echo "gitdir: $VICTIM/repository/.git" >"$TOP/.git"
