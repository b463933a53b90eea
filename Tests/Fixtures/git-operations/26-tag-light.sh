#!/bin/bash -e
git tag one
git tag release/two HEAD~1
