#!/bin/bash -e
git merge -q clash && exit 1
git merge --abort
