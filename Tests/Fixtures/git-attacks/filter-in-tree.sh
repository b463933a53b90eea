#!/bin/bash -e
# .gitattributes of the work tree chooses a filter of the configuration.
# host: add, diff, status
# harm: runs
# alone
committed .gitattributes '*.filtered filter=in-tree'
committed one.filtered one
git config filter.in-tree.clean "$CANARY cat"
git config filter.in-tree.required true
echo changed >one.filtered
