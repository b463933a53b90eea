#!/bin/bash -e
git commit -q --allow-empty -m one
git rebase -q --exec "echo ran >>ran.txt" HEAD~1
rm -f ran.txt
