#!/bin/bash -e
git revert --no-edit HEAD
