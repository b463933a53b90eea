#!/bin/bash -e
# The .git file of a submodule becomes a hostile directory.
# host: status
# harm: runs
# during: read
# alone
# stopped inside
# kind: submodules
hostile hostile
rm vendor/library/.git
mv hostile/.git vendor/library/.git
