#!/bin/bash -e
# remote.origin.pushurl leads elsewhere.
# host: push
# harm: writes
git config remote.origin.pushurl "$VICTIM/elsewhere.git"
