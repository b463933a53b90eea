#!/bin/bash -e
git cherry-pick topic
