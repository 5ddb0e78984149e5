#!/usr/bin/env bash
# Makes docs/pictures/PAGE-THEME-LANGUAGE.png of the sample workspace, drawn by the program itself.
set -euo pipefail
cd "$(dirname "$0")/.."
salesdesk=.venv/bin/salesdesk
export QT_QPA_PLATFORM=offscreen
now=2026-11-20T11:20 # the same story each time
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SALESDESK_HOME=$work/home # nobody's own settings are read or changed
mkdir -p docs/pictures
for language in en ru; do
    "$salesdesk" --workspace "$work/$language.salesdesk" --now "$now" --lang "$language" \
        init --template turnkey --demo-data \
        --timezone Europe/Moscow --currency RUB --country RU >/dev/null
    for theme in light dark; do
        for page in $PAGES; do
            picture=docs/pictures/$page-$theme-$language.png
            "$salesdesk" --workspace "$work/$language.salesdesk" --now "$now" --lang "$language" \
                screenshot "$page" --theme "$theme" --size 1440x900 --output "$picture" >/dev/null
            echo "  $picture"
        done
    done
done
