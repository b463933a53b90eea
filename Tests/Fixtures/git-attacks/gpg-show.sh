#!/bin/bash -e
# log.showSignature makes every log verify with gpg.program.
# host: log
# harm: runs
git config log.showSignature true
git config gpg.x509.program "$CANARY"
git commit -q --allow-empty -m 'to be signed'
git cat-file commit HEAD | awk '!done && /^$/ {
  print "gpgsig -----BEGIN SIGNED MESSAGE-----\n aaaa\n -----END SIGNED MESSAGE-----"; done = 1
} { print }' >signed
git update-ref HEAD "$(git hash-object -t commit -w signed)"
rm signed
