#!/bin/bash -e
# info/exclude and info/attributes are links to files of the user.
# host: status
# harm: nothing
# why: they are read only
mkdir -p "$COMMON/info"
ln -sf "$VICTIM/file" "$COMMON/info/exclude"
ln -sf "$VICTIM/file" "$COMMON/info/sparse-checkout"
