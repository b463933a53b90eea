#!/bin/bash -e
# A submodule is removed, and another takes its place.
# host: status
# harm: runs
# during: read
# alone
# stopped inside
# kind: submodules
rm -rf vendor/library
hostile vendor/library
