#!/bin/bash -e
git switch -q clash
git rebase -q main && exit 1
git rebase --abort
