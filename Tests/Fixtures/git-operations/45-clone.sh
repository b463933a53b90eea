#!/bin/bash -e
mkdir -p build
git clone -q . build/copy
git -C build/copy log -1 --oneline
