#!/bin/bash -e
# submodule.*.update is a command, for a submodule of the agent's own.
# host: submodule update
# harm: runs
# alone
git init -q -b main submodule && git -C submodule commit -q --allow-empty -m one
git add submodule 2>/dev/null
git config -f .gitmodules submodule.submodule.path submodule
git config -f .gitmodules submodule.submodule.url ./submodule
git config submodule.submodule.url "$PWD/submodule"
git config submodule.submodule.active true
git config submodule.submodule.update "!$CANARY"
git add .gitmodules
git commit -q -m 'a submodule'
git -C submodule commit -q --allow-empty -m two
