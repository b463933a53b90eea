#!/bin/bash -e
git notes add -m "on the head"
git notes append -m more
