#!/bin/bash -e
git switch -q -c ahead
git commit -q --allow-empty -m ahead
git switch -q -
git merge -q --ff-only ahead
