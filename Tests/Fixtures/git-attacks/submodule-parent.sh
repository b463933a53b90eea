#!/bin/bash -e
# The parent of a submodule is renamed, and another takes its place.
# host: status
# harm: runs
# during: read
# alone
# stopped inside
# kind: submodules
mv vendor vendor-before
mkdir vendor
hostile vendor/library
