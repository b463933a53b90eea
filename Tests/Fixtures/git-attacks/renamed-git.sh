#!/bin/bash -e
# .git is renamed, and another takes its place.
# host: status
# harm: runs rewrites
# during: read
# alone
# stopped inside
mv "$TOP/.git" "$TOP/.git-before"
hostile "$TOP"
