#!/bin/bash -e
head -c 20000000 /dev/urandom >large.bin
git add large.bin
git commit -q -m large
