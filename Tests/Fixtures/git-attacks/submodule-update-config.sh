#!/bin/bash -e
# submodule.*.update of a submodule that is there is a command.
# host: submodule update
# harm: runs
# kind: submodules
git config submodule.vendor/library.update "!$CANARY"
git -C vendor/library commit -q --allow-empty -m moved
