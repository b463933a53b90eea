#!/bin/bash -e
git log --oneline --graph --all
git log -p -2
git blame README
git grep -n hello
git shortlog -s HEAD
git diff HEAD~1 HEAD
git show v1
