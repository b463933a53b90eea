#!/bin/bash -e
# refs/replace shows another commit under the same name.
# host: log, checkout
# harm: rewrites
# alone
git replace "$(git rev-parse 'v1^{commit}')" "$(git commit-tree -m evil "$(git mktree </dev/null)")"
