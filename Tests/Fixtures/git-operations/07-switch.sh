#!/bin/bash -e
git switch -q -c feature/one
echo x >one.txt
git add one.txt
git commit -q -m one
git switch -q topic
