#!/bin/bash -e
tree=$(git write-tree)
id=$(git commit-tree -p HEAD -m plumbing "$tree")
git update-ref refs/heads/plumbed "$id"
git rev-parse plumbed
