#!/bin/bash -e
mkdir -p build
git init -q --bare build/remote.git
git remote add near "$PWD/build/remote.git"
git push -q near HEAD:refs/heads/main
git push -q near topic --tags
