#!/bin/bash -e
git update-index --chmod=+x README
chmod +x numbers README
git add numbers
git commit -q -m executable
