#!/bin/bash -e
# A new repository in an ignored directory.
# host: status in it
# harm: runs
# during: read
mkdir -p build && hostile build/nested
