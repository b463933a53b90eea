#!/bin/bash -e
# shallow cuts history.
# host: log
# harm: rewrites
# alone
git rev-parse 'v1^{commit}' >"$COMMON/shallow"
