#!/bin/bash -e
# An object holds what its name does not say.
# host: checkout, archive
# harm: rewrites
# alone
mkdir -p "$COMMON/objects"
id=$(git rev-parse v1:README)
fake=$(echo evil | git hash-object -w --stdin)
git unpack-objects -q <"$(ls "$COMMON"/objects/pack/*.pack)" 2>/dev/null || true
mkdir -p "$COMMON/objects/${id:0:2}"
rm -f "$COMMON"/objects/pack/* "$COMMON/objects/${id:0:2}/${id:2}"
cp "$COMMON/objects/${fake:0:2}/${fake:2}" "$COMMON/objects/${id:0:2}/${id:2}"
