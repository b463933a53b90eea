#!/bin/bash -e
git branch -q --track follows topic
git branch -q --set-upstream-to=topic clash
