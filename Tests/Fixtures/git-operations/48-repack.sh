#!/bin/bash -e
for i in 1 2 3; do git commit -q --allow-empty -m "number $i"; done
git repack -q -a -d
git prune
git pack-refs --all
