#!/bin/bash -e
sed -i '1s/.*/first/;20s/.*/last/' numbers
printf 'y\nn\n' | git add -p numbers
