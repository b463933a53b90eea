#!/bin/bash -e
git worktree add -q -b aside tree
(cd tree && echo x >x.txt && git add x.txt && git commit -q -m aside)
git worktree remove tree
