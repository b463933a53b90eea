#!/bin/bash -e
echo a >a.txt
git add a.txt
git commit -q -m 'add a'
echo b >>a.txt
git commit -q -a --fixup HEAD
GIT_SEQUENCE_EDITOR=true git rebase -q -i --autosquash HEAD~2
