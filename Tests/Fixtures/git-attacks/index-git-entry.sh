#!/bin/bash -e
# The index has the entry .git/hooks/post-checkout.
# host: reset --hard, stash
# harm: nothing
# why: git writes no such name
# alone
blob=$(printf '#!/bin/sh\n%s\n' "$CANARY" | git hash-object -w --stdin)
git update-index --add --cacheinfo "100755,$blob,agit/hooks/post-checkout"
LC_ALL=C sed -i 's|agit/hooks/post-checkout|.git/hooks/post-checkout|' "$GITDIR/index"
