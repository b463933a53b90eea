#!/bin/bash -e
# A promisor remote with an upload pack, and an object that is missing.
# host: log -p, diff, checkout
# harm: runs
# alone
git config core.repositoryFormatVersion 1
git config extensions.partialClone promises
git remote add promises "$PWD"
git config remote.promises.promisor true
git config remote.promises.uploadpack "$CANARY"
missing=1234567890123456789012345678901234567890
git update-index --add --cacheinfo "100644,$missing,not-there"
git commit -q -m 'promised' || git update-ref HEAD \
  "$(git commit-tree -p HEAD -m promised "$(git write-tree --missing-ok)")"
