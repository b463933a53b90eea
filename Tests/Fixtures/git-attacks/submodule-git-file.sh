#!/bin/bash -e
# The .git file of a submodule leads to a hostile directory.
# host: status
# harm: runs
# during: read
# alone
# stopped inside
# kind: submodules
hostile hostile
echo "gitdir: $PWD/hostile/.git" >vendor/library/.git
