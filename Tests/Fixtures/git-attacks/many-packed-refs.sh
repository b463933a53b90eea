#!/bin/bash -e
# Twenty thousand tags in packed-refs, written by hand.
# host: tag
# harm: floods
# alone
git pack-refs --all
id=$(git rev-parse HEAD)
seq 20000 | sed "s|.*|$id refs/tags/z&|" | LC_ALL=C sort -k 2 >>"$COMMON/packed-refs"
