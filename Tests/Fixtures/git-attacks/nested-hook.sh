#!/bin/bash -e
# A new repository with a hook.
# host: commit, checkout in it
# harm: runs
# during: read
hostile hooked && git -C hooked config --unset core.fsmonitor
program hooked/.git/hooks/pre-commit
