#!/bin/bash -e
echo more >>README
git stash push -q
git stash pop -q
