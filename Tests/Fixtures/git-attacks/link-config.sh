#!/bin/bash -e
# .git/config is a link to a file of the user.
# host: config
# harm: writes
# alone
ln -sf "$VICTIM/file" "$COMMON/config"
