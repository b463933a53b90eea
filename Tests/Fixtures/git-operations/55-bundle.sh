#!/bin/bash -e
mkdir -p build
git bundle create -q build/all.bundle --all
git bundle verify -q build/all.bundle
git fetch -q build/all.bundle topic:from-bundle
