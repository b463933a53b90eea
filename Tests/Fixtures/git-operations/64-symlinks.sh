#!/bin/bash -e
ln -s README link
ln -s docs directory
ln -s /nowhere/at/all dangling
git add link directory dangling
git commit -q -m links
