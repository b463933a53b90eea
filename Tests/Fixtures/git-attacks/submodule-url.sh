#!/bin/bash -e
# The address of a submodule becomes a command.
# host: submodule update
# harm: runs
# alone
# kind: submodules
git config submodule.vendor/library.url "ext::$CANARY"
git config protocol.ext.allow always
git -C vendor/library config remote.origin.url "ext::$CANARY"
git -C vendor/library config protocol.ext.allow always
other=$(git -C vendor/library commit-tree -m x "$(git -C vendor/library mktree </dev/null)")
git update-index --cacheinfo "160000,${other//[0-4]/9},vendor/library"
git commit -q -m 'a commit that is not there'
