#!/bin/bash -e
# .gitmodules of the work tree has a command and an ext address.
# host: submodule update
# harm: nothing
# why: git takes no command from .gitmodules and no ext address
# alone
# refused where there are submodules
git config -f .gitmodules submodule.tree.path tree
git config -f .gitmodules submodule.tree.url "ext::$CANARY"
git config -f .gitmodules submodule.tree.update "!$CANARY"
git config -f .gitmodules submodule.dash.path dash
git config -f .gitmodules submodule.dash.url "--upload-pack=$CANARY"
git update-index --add --cacheinfo "160000,$(git rev-parse HEAD),tree"
git update-index --add --cacheinfo "160000,$(git rev-parse HEAD),dash"
git add .gitmodules
git commit -q -m 'submodules'
