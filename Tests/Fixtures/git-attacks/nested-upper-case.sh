#!/bin/bash -e
# A new repository whose .git is written .Git.
# host: status in it
# harm: nothing
# during: read
# why: only where file names have no case
hostile shouts && mv shouts/.git shouts/.Git
