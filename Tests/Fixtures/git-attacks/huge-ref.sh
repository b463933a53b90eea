#!/bin/bash -e
# A reference of four gigabytes, most of it a hole.
# host: status, branch
# harm: rewrites
# alone
truncate -s 4G "$COMMON/refs/heads/huge"
