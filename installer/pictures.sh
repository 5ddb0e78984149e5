#!/usr/bin/env bash
# Makes docs/pictures of the sample workspace, drawn by the program itself: each page in both themes
# and languages at 1440x900 (PAGE-THEME-LANGUAGE.png), on a small and on a large screen in one of
# them (...-WIDTHxHEIGHT.png), and the board at twice the scale (...-200.png).
set -euo pipefail
cd "$(dirname "$0")/.."
salesdesk=.venv/bin/salesdesk
export QT_QPA_PLATFORM=offscreen
now=2026-11-20T11:20 # the same story each time
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SALESDESK_HOME=$work/home # nobody's own settings are read or changed
pages=$(.venv/bin/python -c 'from salesdesk.page_keys import PAGES; print(*PAGES)')
mkdir -p docs/pictures

draw() { # PAGE THEME LANGUAGE SIZE ENDING
    local picture=docs/pictures/$1-$2-$3$5.png
    "$salesdesk" --workspace "$work/$3.salesdesk" --now "$now" --lang "$3" \
        screenshot "$1" --theme "$2" --size "$4" --output "$picture" >/dev/null
    echo "  $picture"
}

for language in en ru; do
    "$salesdesk" --workspace "$work/$language.salesdesk" --now "$now" --lang "$language" \
        init --template turnkey --demo-data \
        --timezone Europe/Moscow --currency RUB --country RU >/dev/null
done
for page in $pages; do
    for language in en ru; do
        for theme in light dark; do
            draw "$page" "$theme" "$language" 1440x900 ""
        done
    done
    draw "$page" light ru 1280x720 -1280x720
    draw "$page" dark en 1920x1080 -1920x1080
done
QT_SCALE_FACTOR=2 draw board light ru 1440x900 -200
