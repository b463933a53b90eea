#!/bin/bash -e
git rm -q README
git rm -q -r docs
git rm -q --cached numbers
