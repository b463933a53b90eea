#!/bin/bash -e
git rm -q numbers
mkdir numbers
echo 1 >numbers/one
git add numbers
git commit -q -m "a directory now"
