#!/bin/bash -e
# A branch whose tree goes through a link to the user.
# host: checkout topic
# harm: nothing
# why: git follows no link of the work tree
# alone
link=$(printf %s "$VICTIM" | git hash-object -w --stdin)
blob=$(echo planted | git hash-object -w --stdin)
inner=$(printf '100644 blob %s\tplanted\n' "$blob" | git mktree)
tree=$({ git ls-tree topic; printf '120000 blob %s\tout\n040000 tree %s\tout\n' "$link" "$inner"; } |
  git mktree)
git update-ref refs/heads/topic "$(git commit-tree -p topic -m hostile "$tree")"
