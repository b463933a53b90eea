#!/bin/bash -e
# A new repository fifty directories down.
# host: status in it
# harm: runs
# during: read
deep=$(printf 'd/%.0s' {1..50})
mkdir -p "$deep" && hostile "${deep}nested"
