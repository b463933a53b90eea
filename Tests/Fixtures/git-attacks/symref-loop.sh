#!/bin/bash -e
# References that lead to each other, and one to a file of the user.
# host: branch
# harm: nothing
# why: git leaves broken references out
echo 'ref: refs/heads/two' >"$COMMON/refs/heads/one"
echo 'ref: refs/heads/one' >"$COMMON/refs/heads/two"
ln -s "$VICTIM/file" "$COMMON/refs/heads/three"
