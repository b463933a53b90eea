#!/bin/bash -e
git diff main topic >build.o
git apply build.o
git apply --cached build.o
