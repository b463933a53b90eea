#!/bin/bash -e
# The configuration is no configuration.
# host: status
# harm: breaks
# alone
echo '[core' >>"$COMMON/config"
