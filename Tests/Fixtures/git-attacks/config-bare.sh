#!/bin/bash -e
# core.bare says that there is no work tree.
# host: status
# harm: breaks
# alone
git config core.bare true
