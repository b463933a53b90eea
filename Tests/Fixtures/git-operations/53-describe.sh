#!/bin/bash -e
git describe --tags
git name-rev HEAD
git rev-list --count HEAD
git cat-file -p HEAD
