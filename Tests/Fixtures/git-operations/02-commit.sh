#!/bin/bash -e
echo new >new.txt
git add new.txt
git commit -q -m new
