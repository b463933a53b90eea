#!/bin/bash -e
mkdir "räume mit ümläuten"
echo x >"räume mit ümläuten/日本語.txt"
echo y >$'tab\tand "quote".txt'
git add .
git commit -q -m "Grüße"
git branch zweig/größe
