#!/bin/bash -e
mkdir many
for i in $(seq 500); do echo "$i" >"many/$i.txt"; done
git add many
git commit -q -m many
