#!/bin/bash -e
# A new .git file that leads to a hostile directory.
# host: status in it
# harm: runs
# during: read
hostile hidden-1
mv hidden-1/.git .hidden-git
mkdir with-file
echo 'gitdir: ../.hidden-git' >with-file/.git
