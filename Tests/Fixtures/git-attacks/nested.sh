#!/bin/bash -e
# A new repository in a directory.
# host: add -A, status in it
# harm: runs
# during: read
hostile nested
