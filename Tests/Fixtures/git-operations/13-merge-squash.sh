#!/bin/bash -e
git merge -q --squash topic
git commit -q -m squashed
