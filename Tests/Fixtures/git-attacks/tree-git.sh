#!/bin/bash -e
# A branch whose tree has a directory .git with a hook.
# host: checkout topic, merge
# harm: nothing
# why: git checks out no such name; the import must not trip over it
# alone
blob=$(printf '#!/bin/sh\n%s\n' "$CANARY" | git hash-object -w --stdin)
hooks=$(printf '100755 blob %s\tpost-checkout\n' "$blob" | git mktree)
inner=$(printf '040000 tree %s\thooks\n' "$hooks" | git mktree)
tree=$({ git ls-tree topic; printf '040000 tree %s\t.git\n' "$inner"; } | git mktree)
git update-ref refs/heads/topic "$(git commit-tree -p topic -m hostile "$tree")"
