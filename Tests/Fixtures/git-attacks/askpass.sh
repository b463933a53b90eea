#!/bin/bash -e
# core.askPass and a site with a password.
# host: credential fill
# harm: runs
git config core.askPass "$CANARY"
