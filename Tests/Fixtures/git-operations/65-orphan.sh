#!/bin/bash -e
git switch -q --orphan fresh
echo x >alone.txt
git add alone.txt
git commit -q -m alone
