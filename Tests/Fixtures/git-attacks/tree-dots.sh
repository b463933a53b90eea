#!/bin/bash -e
# A branch whose tree has the entry "..".
# host: checkout topic
# harm: nothing
# why: git checks out no such name
# alone
blob=$(echo planted | git hash-object -w --stdin)
inner=$(printf '100644 blob %s\tplanted\n' "$blob" | git mktree)
tree=$({ git ls-tree topic; printf '040000 tree %s\t..\n' "$inner"; } | git mktree)
git update-ref refs/heads/topic "$(git commit-tree -p topic -m hostile "$tree")"
