#!/bin/bash -e
mkdir -p build
git clone -q --bare . build/library.git
git -c protocol.file.allow=always submodule --quiet add "$PWD/build/library.git" library
git commit -q -m 'use a library'
git -c protocol.file.allow=always submodule --quiet update --init
