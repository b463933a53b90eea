#!/bin/bash -e
# gpg.ssh.program and a commit that says ssh signed it.
# host: log --show-signature
# harm: runs
git config gpg.ssh.program "$CANARY"
git config gpg.ssh.allowedSignersFile /dev/null
git commit -q --allow-empty -m 'to be signed'
git cat-file commit HEAD | awk '!done && /^$/ {
  print "gpgsig -----BEGIN SSH SIGNATURE-----\n aaaa\n -----END SSH SIGNATURE-----"; done = 1
} { print }' >signed
git update-ref HEAD "$(git hash-object -t commit -w signed)"
rm signed
