#!/usr/bin/env bash
# Opens SalesDesk on a fresh copy of the sample workspace. Without a screen: the same program on a
# virtual one, which saves a picture of each page to pictures/.
set -euo pipefail
cd "$(dirname "$0")/.."
salesdesk=.venv/bin/salesdesk

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || [ "$(uname)" != Linux ]; then
    installer/system_libraries.sh window
    exec "$salesdesk" demo
fi

if installer/system_libraries.sh window && installer/system_libraries.sh screen &&
    xvfb-run -a true 2>/dev/null; then
    on_screen=(xvfb-run -a -s "-screen 0 1600x1000x24" env QT_QPA_PLATFORM=xcb)
else
    echo "Going on without one: Qt draws in memory."
    on_screen=(env QT_QPA_PLATFORM=offscreen)
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SALESDESK_HOME=$work/home # nobody's own settings are read or changed
mkdir -p pictures
echo "There is no screen here. Making the sample workspace ..."
"$salesdesk" --workspace "$work/demo.salesdesk" init --template turnkey --demo-data >/dev/null
pages=$(.venv/bin/python -c 'from salesdesk.page_keys import PAGES; print(*PAGES)')
for page in $pages; do
    "${on_screen[@]}" "$salesdesk" --workspace "$work/demo.salesdesk" \
        screenshot "$page" --output "pictures/$page.png" --size 1440x900 >/dev/null
    echo "  pictures/$page.png"
done
echo "SalesDesk ran on a virtual screen; its pages are pictures in $PWD/pictures"
