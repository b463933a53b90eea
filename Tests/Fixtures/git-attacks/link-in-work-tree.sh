#!/bin/bash -e
# Links of the work tree lead to files of the user.
# host: add, checkout, stash
# harm: nothing
# why: git keeps links as links
ln -s "$VICTIM/file" leads-out
ln -s "$VICTIM" directory-out
ln -s ../../../../../../../../etc/passwd up
