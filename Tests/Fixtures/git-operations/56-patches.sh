#!/bin/bash -e
git switch -q topic
git format-patch -q -1 -o build
git switch -q main
git am -q build/*.patch
