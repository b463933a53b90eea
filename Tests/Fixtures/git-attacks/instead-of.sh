#!/bin/bash -e
# url.*.insteadOf turns every path into a command.
# host: fetch, pull
# harm: runs
# alone
git config protocol.ext.allow always
git config "url.ext::$CANARY %S /.insteadOf" /
