#!/bin/bash -e
# core.hooksPath names a directory of the work tree.
# host: commit, checkout, merge
# harm: runs
# alone
program planted/pre-commit
program planted/post-checkout
git config core.hooksPath planted
