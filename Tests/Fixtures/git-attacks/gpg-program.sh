#!/bin/bash -e
# gpg.program and a commit that says it is signed.
# host: log --show-signature
# harm: runs
git config gpg.program "$CANARY"
git commit -q --allow-empty -m 'to be signed'
git cat-file commit HEAD | awk '!done && /^$/ {
  print "gpgsig -----BEGIN PGP SIGNATURE-----\n \n aaaa\n -----END PGP SIGNATURE-----"; done = 1
} { print }' >signed
git update-ref HEAD "$(git hash-object -t commit -w signed)"
rm signed
