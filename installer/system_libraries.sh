#!/usr/bin/env bash
# Sees to it that what Debian packages bring is there: Qt's libraries, a virtual screen, a font.
#
#   system_libraries.sh qt              Qt's own libraries, judged by really loading Qt
#   system_libraries.sh window          the same, and what a window on X needs beside them
#   system_libraries.sh screen          a virtual screen (xvfb-run)
#   system_libraries.sh packages NAME.. these packages
#
# As root, or with sudo that asks for no password, it installs what is missing; otherwise it prints
# the one line that does, and fails.
set -euo pipefail
cd "$(dirname "$0")/.."

qt_packages=(
    libgl1 libegl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon0 libx11-6 libbrotli1
    libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0
    libxcb-shape0 libxcb-xkb1 libxkbcommon-x11-0 fonts-dejavu-core
)

install_packages() { # why, packages...
    local why=$1 sudo=() log
    shift
    if ! command -v apt-get >/dev/null; then
        echo "$why Please install what these Debian packages bring: $*" >&2
        exit 1
    fi
    if [ "$(id -u)" != 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            echo "$why This line installs it:" >&2
            echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends $*" >&2
            exit 1
        fi
        sudo=(sudo -n)
    fi
    echo "Installing system packages: $*"
    log=$(mktemp)
    if ! {
        "${sudo[@]}" apt-get -q update &&
            "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
                apt-get -q install -y --no-install-recommends "$@"
    } >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        rm -f "$log"
        echo "Could not install: $*" >&2
        exit 1
    fi
    rm -f "$log"
}

qt_loads() { # without a screen, and with a font to draw with
    QT_QPA_PLATFORM=offscreen .venv/bin/python -c '
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication
application = QApplication([])
raise SystemExit(not QFontDatabase.families())' 2>/dev/null
}

window_opens() { # the plugin for X finds all its libraries
    local plugin
    plugin=$(echo .venv/lib/python3.*/site-packages/PySide6/Qt/plugins/platforms/libqxcb.so)
    [ ! -e "$plugin" ] || ! ldd "$plugin" | grep -q 'not found'
}

case ${1:-} in
qt | window)
    [ "$(uname)" = Linux ] || exit 0
    qt_loads && { [ "$1" = qt ] || window_opens; } && exit 0
    install_packages "Qt's system libraries are missing." "${qt_packages[@]}"
    if ! qt_loads; then
        echo "Qt still cannot be loaded; it says:" >&2
        QT_QPA_PLATFORM=offscreen .venv/bin/python -c 'import PySide6.QtWidgets' >&2 || true
        exit 1
    fi
    ;;
screen)
    command -v xvfb-run >/dev/null && command -v xauth >/dev/null && exit 0
    install_packages "There is no virtual screen." xvfb xauth
    ;;
packages)
    shift
    install_packages "Packages are missing." "$@"
    ;;
*)
    sed -n '2,11s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
