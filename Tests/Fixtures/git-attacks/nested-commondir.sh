#!/bin/bash -e
# A directory with HEAD and commondir.
# host: status in it
# harm: runs
# during: read
hostile common
mkdir pointed
echo 'ref: refs/heads/main' >pointed/HEAD
echo ../common/.git >pointed/commondir
git -C common config core.worktree "$PWD/pointed"
