#!/bin/bash -e
# core.attributesFile is in the work tree.
# host: status, diff
# harm: runs
echo '*.listed filter=listed' >attributes
committed one.listed one
git config core.attributesFile "$PWD/attributes"
git config filter.listed.clean "$CANARY cat"
echo changed >one.listed
