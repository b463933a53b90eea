#!/bin/bash -e
echo more >>README
git commit -q -a -m before
git commit -q --amend -m after
