#!/bin/bash -e
git branch -q gone
git branch -q -d gone
git branch -q -D clash
