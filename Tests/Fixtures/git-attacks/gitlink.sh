#!/bin/bash -e
# A submodule that only the index knows, and a hostile repository there.
# host: status, diff
# harm: runs
# during: read
hostile linked
git add linked 2>/dev/null
git commit -q -m 'a link'
