#!/bin/bash -e
git switch -q topic
git rebase -q main
