#!/bin/bash -e
# A hook: post-checkout.
# host: checkout
# harm: runs
program "$COMMON/hooks/post-checkout"
