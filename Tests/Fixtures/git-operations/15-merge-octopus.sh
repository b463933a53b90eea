#!/bin/bash -e
git branch -q one HEAD
git switch -q one
git commit -q --allow-empty -m one
git switch -q -
git merge -q -m many one topic
