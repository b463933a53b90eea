#!/bin/bash -e
echo x >untracked.txt
git stash push -q -u -m untracked
echo more >>README
git stash push -q -m second
