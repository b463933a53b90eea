#!/bin/bash -e
# A new repository whose directory has a name of controls.
# host: status in it
# harm: runs
# during: read
hostile $'odd \e[31m name'
