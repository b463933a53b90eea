#!/bin/bash -e
git tag -a three -m "third"
git tag -f light HEAD~1
