#!/bin/bash
# Clicks a button of the dialog that is up on $DISPLAY: open, cancel or proxy.
#
#   click.sh BUTTON [SECONDS]     SECONDS after it appeared, by default 2
set -euo pipefail
# Buttons are as wide as zenity's theme makes them, from the right.
case $1 in open) from_right=50 ;; cancel) from_right=140 ;; proxy) from_right=230 ;; esac
window=$(timeout 30 xdotool search --sync --onlyvisible --name '^ags: ' | tail -1)
sleep "${2:-2}"
eval "$(xdotool getwindowgeometry --shell "$window")"
xdotool mousemove $((X + WIDTH - from_right)) $((Y + HEIGHT - 25)) sleep 0.1 click 1
