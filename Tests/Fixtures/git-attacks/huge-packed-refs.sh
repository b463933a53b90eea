#!/bin/bash -e
# packed-refs of four gigabytes, most of it a hole.
# host: status
# harm: breaks rewrites
# alone
git pack-refs --all
truncate -s 4G "$COMMON/packed-refs"
