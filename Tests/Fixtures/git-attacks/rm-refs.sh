#!/bin/bash -e
# All references are removed, with their logs.
# host: log
# harm: rewrites
# alone
git pack-refs --all
rm -rf "$COMMON/packed-refs" "$COMMON/logs"
git update-ref -d HEAD
git gc -q --prune=now
