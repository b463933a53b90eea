#!/bin/bash -e
printf "*.txt text eol=lf\n*.bin -text\n" >.gitattributes
printf "a\r\nb\r\n" >crlf.txt
git add .
git commit -q -m attributes
