#!/bin/bash -e
# A hook: pre-auto-gc.
# host: gc --auto
# harm: runs
program "$COMMON/hooks/pre-auto-gc"
# What git looks at to see whether there is much.
git config gc.auto 1
for number in 263 410 523 790; do echo $number | git hash-object -w --stdin >/dev/null; done
compgen -G "$COMMON/objects/17/*" >/dev/null
