#!/bin/bash -e
mkdir -p build
git clone -q --bare . build/remote.git
git remote add near "$PWD/build/remote.git"
git fetch -q near
git branch -q followed near/topic
