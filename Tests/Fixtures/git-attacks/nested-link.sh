#!/bin/bash -e
# A new .git link to a hostile directory.
# host: status in it
# harm: runs
# during: read
hostile hidden-2
mv hidden-2/.git .hidden-link
mkdir with-link
ln -s ../.hidden-link with-link/.git
