#!/bin/bash -e
git reset -q --soft HEAD~1
