#!/bin/bash -e
git switch -q -c moved topic
git commit -q --allow-empty -m moved
git rebase -q --onto main topic
