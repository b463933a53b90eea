#!/bin/bash -e
for number in 1 2 3; do
  echo $number >>list.txt
  git add list.txt
  git commit -q -m "step $number"
done
GIT_SEQUENCE_EDITOR="sed -i '2s/^pick/squash/;3s/^pick/reword/'" git rebase -q -i HEAD~3
