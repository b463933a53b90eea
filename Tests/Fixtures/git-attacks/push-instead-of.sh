#!/bin/bash -e
# url.*.pushInsteadOf turns the place pushed to into a command.
# host: push
# harm: runs
# alone
git config protocol.ext.allow always
git config "url.ext::$CANARY %S /.pushInsteadOf" /
