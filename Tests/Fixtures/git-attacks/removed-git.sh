#!/bin/bash -e
# .git is removed, and another takes its place.
# host: status
# harm: runs rewrites
# during: read
# alone
# stopped inside
rm -rf "$TOP/.git"
hostile "$TOP"
