#!/bin/bash -e
# Twenty thousand branches.
# host: branch
# harm: floods
# alone
id=$(git rev-parse HEAD)
seq 20000 | sed "s|.*|create refs/heads/many/& $id|" | git update-ref --stdin
