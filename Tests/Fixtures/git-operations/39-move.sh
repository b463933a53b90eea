#!/bin/bash -e
git mv README READ.me
mkdir moved
git mv docs moved/docs
git commit -q -m moved
