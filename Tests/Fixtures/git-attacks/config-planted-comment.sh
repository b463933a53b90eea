#!/bin/bash -e
# The configuration is written by hand, in odd letters and lines.
# host: status
# harm: runs
# alone
printf '[CORE]\n\tfsMonitor = \\\n\t\t"%s" ; quiet\n' "$CANARY" >>"$COMMON/config"
