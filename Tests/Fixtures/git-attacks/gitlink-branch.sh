#!/bin/bash -e
# A submodule on the other branch, and a hostile repository there.
# host: checkout topic, status
# harm: runs
# during: read
hostile later
id=$(git -C later rev-parse HEAD)
(
  GIT_INDEX_FILE=$(mktemp -u)
  export GIT_INDEX_FILE
  git read-tree topic
  git update-index --add --cacheinfo "160000,$id,later"
  tree=$(git write-tree)
  rm -f "$GIT_INDEX_FILE"
  git update-ref refs/heads/topic "$(git commit-tree -p topic -m hostile "$tree")"
)
