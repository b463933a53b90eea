#!/bin/bash -e
# .gitmodules names a submodule ../../x.
# host: submodule update
# harm: nothing
# why: git takes no such name
# alone
git init -q -b main escape && git -C escape commit -q --allow-empty -m one
git add escape 2>/dev/null
git config -f .gitmodules submodule.../../x.path escape
git config -f .gitmodules submodule.../../x.url ./escape
git add .gitmodules
git commit -q -m 'a submodule'
