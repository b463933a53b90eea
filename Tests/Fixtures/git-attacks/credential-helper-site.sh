#!/bin/bash -e
# A helper for one site only, by path.
# host: credential fill
# harm: runs
git config credential.https://example.org.helper "$CANARY"
