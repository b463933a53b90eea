#!/bin/bash -e
# modules/*/config of a submodule has a program.
# host: status, submodule update
# harm: runs
# kind: submodules
git -C vendor/library config core.fsmonitor "$CANARY"
