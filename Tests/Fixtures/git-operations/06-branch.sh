#!/bin/bash -e
git branch made
git branch older HEAD~1
