#!/bin/bash -e
git commit -q --allow-empty -m one
git maintenance run --task=commit-graph --task=loose-objects
