#!/bin/bash -e
# What is pushed to is a repository of the work tree, with a hook.
# host: push
# harm: runs
# alone
# during: read
mkdir -p build
git init -q --bare build/planted.git
program build/planted.git/hooks/pre-receive
git config remote.origin.pushurl "$PWD/build/planted.git"
