#!/bin/bash -e
# modules/*/hooks of a submodule.
# host: submodule foreach, status
# harm: runs
# kind: submodules
program "$GITDIR/modules/vendor/library/hooks/post-index-change"
