#!/bin/bash -e
echo more >>README
git stash push -q -m mine
