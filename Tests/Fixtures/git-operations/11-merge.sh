#!/bin/bash -e
git merge -q -m merged topic
