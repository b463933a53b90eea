#!/bin/bash -e
mkdir -p junk build
touch junk/a build/b c.o
git clean -q -f -d -x
