#!/bin/bash -e
echo x >README
git add README
git restore --staged README
git restore README
git restore --source HEAD~1 numbers
