#!/bin/bash -e
echo new >new.txt
echo more >>README
git add new.txt README
