#!/bin/bash -e
git commit -q --allow-empty -m nothing
