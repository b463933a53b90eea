#!/bin/bash -e
git bisect start HEAD HEAD~2
git bisect run true
git bisect reset
