#!/bin/bash -e
# .git cannot be entered any more.
# host: status
# harm: breaks rewrites
# alone
chmod 0 "$GITDIR"
