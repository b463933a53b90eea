#!/bin/bash -e
git tag -d light
