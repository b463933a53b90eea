#!/bin/bash -e
# A new repository in a directory that cannot be entered.
# host: status in it, opened
# harm: runs
# during: read
mkdir closed && hostile closed/nested && chmod 0 closed
