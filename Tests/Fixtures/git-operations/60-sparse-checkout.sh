#!/bin/bash -e
git sparse-checkout set docs
git sparse-checkout add src
git sparse-checkout disable
