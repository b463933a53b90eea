#!/bin/bash -e
# An extension that no git knows.
# host: status
# harm: breaks
# alone
git config core.repositoryFormatVersion 1
git config extensions.unknown true
