#!/bin/bash -e
mkdir -p build
git archive --output build/out.tar HEAD
tar -tf build/out.tar
