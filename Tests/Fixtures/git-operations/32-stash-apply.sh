#!/bin/bash -e
echo more >>README
git add README
git stash push -q
git stash apply -q --index
