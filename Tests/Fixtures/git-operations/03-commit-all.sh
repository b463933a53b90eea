#!/bin/bash -e
echo more >>README
rm docs/guide.txt
git commit -q -a -m all
