#!/bin/bash -e
# Pipes as files of the work tree.
# host: status
# harm: nothing
# why: git takes nothing but files and links; a .gitignore would make it wait, in any mode
mkfifo pipe "$TOP/pipe-at-top"
