#!/usr/bin/env bash
# Makes docs/pictures of the sample workspace, drawn by the program itself: each page in both themes
# and languages at 1440x900 (PAGE-THEME-LANGUAGE.png), on a small and on a large screen in one of
# them (...-WIDTHxHEIGHT.png), and the board at twice the scale (...-200.png); each section of the
# settings, some reports, the ranking on the wall, a deal with the deals that it opened, a
# contractor, the steps of connecting a CRM and the sync of a sample that is connected, in both
# themes and languages. With a word, only pictures whose names have it.
set -euo pipefail
cd "$(dirname "$0")/.."
export QT_QPA_PLATFORM=offscreen
now=2026-11-20T11:20 # the same story each time
only=${1:-}
work=/tmp/salesdesk # pictures show paths: the same ones on every machine
mkdir "$work"
trap 'rm -rf "$work"' EXIT
ln -s "$PWD/.venv" "$work/app"
salesdesk() {
    "$work/app/bin/python" -m salesdesk "$@"
}
export SALESDESK_HOME=$work/home # nobody's own settings are read or changed
pages=$(.venv/bin/python -c 'from salesdesk.page_keys import PAGES; print(*PAGES)')
mkdir -p docs/pictures

draw() { # PAGE THEME LANGUAGE SIZE ENDING
    take "docs/pictures/$1-$2-$3$5.png" "$@"
}

take() { # PICTURE PAGE THEME LANGUAGE SIZE [ENDING] [--open WHAT]
    [[ $1 == *"$only"* ]] || return 0
    salesdesk --workspace "$work/$4.salesdesk" --now "$now" --lang "$4" \
        screenshot "$2" --theme "$3" --size "$5" --output "$1" "${@:7}" >/dev/null
    echo "  $1"
}

most() { # KEY: what most rows of a report have there
    .venv/bin/python -c '
import collections, json, sys
rows = json.load(sys.stdin)["rows"]
print(collections.Counter(filter(None, (row[sys.argv[1]] for row in rows))).most_common(1)[0][0])' "$1"
}
for language in en ru; do
    salesdesk --workspace "$work/$language.salesdesk" --now "$now" --lang "$language" \
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

sections=$(.venv/bin/python -c 'from salesdesk.page_keys import SETTINGS; print(*SETTINGS[1:])')
for language in en ru; do
    salesdesk --workspace "$work/$language.salesdesk" --now "$now" --json \
        report children --from 2026-06-01 --to 2026-11-20 >"$work/children.json"
    deal=$(most parent_id <"$work/children.json")
    contractor=$(most contractors <"$work/children.json")
    for theme in light dark; do
        for section in $sections; do
            take "docs/pictures/settings-$section-$theme-$language.png" settings "$theme" "$language" \
                1440x900 "" --open "$section"
        done
        for report in forecast plan-fact funnel workload pivot; do
            take "docs/pictures/report-$report-$theme-$language.png" reports "$theme" "$language" \
                1440x900 "" --open "$report"
        done
        take "docs/pictures/wall-$theme-$language.png" ranking "$theme" "$language" 1920x1080 "" \
            --open wall
        take "docs/pictures/deal-$theme-$language.png" board "$theme" "$language" 1440x900 "" \
            --open "id:$deal"
        take "docs/pictures/contractor-$theme-$language.png" contractors "$theme" "$language" \
            1440x900 "" --open "$contractor"
    done
done
for language in en ru; do # connecting, and a sample that is connected, against an emulated CRM
    [[ -z $only || sync-connected == *"$only"* || sync-connect-1 == *"$only"* ]] || continue
    .venv/bin/python -m tests.emulators.pictures "$work/$language.salesdesk" "$language" "$now" \
        docs/pictures
done
