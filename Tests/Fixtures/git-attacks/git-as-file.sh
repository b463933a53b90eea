#!/bin/bash -e
# .git becomes a file that leads to a hostile directory.
# host: status
# harm: runs rewrites
# during: read
# alone
# stopped inside
hostile "$TOP/hostile"
mv "$TOP/.git" "$TOP/.git-before"
echo "gitdir: $TOP/hostile/.git" >"$TOP/.git"
