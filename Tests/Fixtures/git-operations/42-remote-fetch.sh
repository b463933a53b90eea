#!/bin/bash -e
# The remote has to be added again on the host (11-git), so a branch cannot follow it yet.
# not taken: branch.followed.remote near
# not taken: branch.followed.merge refs/heads/topic
mkdir -p build
git clone -q --bare . build/remote.git
git remote add near "$PWD/build/remote.git"
git fetch -q near
git branch -q followed near/topic
