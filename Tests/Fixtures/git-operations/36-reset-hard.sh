#!/bin/bash -e
git reset -q --hard HEAD~1
