#!/bin/bash -e
git commit -q --allow-empty -m before
git gc -q
