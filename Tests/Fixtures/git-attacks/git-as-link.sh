#!/bin/bash -e
# .git becomes a link to a hostile directory.
# host: status
# harm: runs rewrites
# during: read
# alone
# stopped inside
hostile "$TOP/hostile"
mv "$TOP/.git" "$TOP/.git-before"
ln -s hostile/.git "$TOP/.git"
