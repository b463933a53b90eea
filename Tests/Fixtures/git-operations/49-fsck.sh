#!/bin/bash -e
git commit -q --allow-empty -m one
git fsck --no-progress
