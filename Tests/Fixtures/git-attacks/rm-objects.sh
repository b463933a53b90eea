#!/bin/bash -e
# All objects are removed.
# host: log
# harm: rewrites
# alone
rm -rf "$COMMON"/objects/??  "$COMMON"/objects/pack/*
