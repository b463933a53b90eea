#!/bin/bash -e
# .GIT beside .git.
# host: status
# harm: nothing
# during: read
# why: only where file names have no case
hostile "$TOP/.hidden" && mv "$TOP/.hidden/.git" "$TOP/.GIT"
rm -rf "$TOP/.hidden"
