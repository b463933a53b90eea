#!/bin/bash -e
git branch -m topic renamed
git branch -m "$(git symbolic-ref --short HEAD)" trunk
