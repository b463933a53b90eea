#!/bin/bash -e
# A new directory .git of pipes.
# host: status
# harm: hangs
# during: no
# alone
mkdir -p pipes/.git/objects pipes/.git/refs
mkfifo pipes/.git/HEAD pipes/.git/config
