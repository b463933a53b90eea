#!/bin/bash -e
git reset -q HEAD~1
