"""Keyboard shortcuts that mean the key, not the letter: they work in the Russian layout too.

``add`` makes a shortcut and puts it on the list that ``?`` shows. A shortcut of a page lives and
hides with the page's widget; letters without Ctrl never fire while a text is being typed (text
fields take those keys first).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from salesdesk.text import N_, tr

GENERAL = N_("Everywhere")

_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_CYRILLIC = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_BY_KEY = dict(zip(_LATIN, _CYRILLIC, strict=True)) | {"/": "."}
_FROM_CYRILLIC = {cyrillic: latin for latin, cyrillic in _BY_KEY.items() if latin != "/"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the list under ``?``: keys, what they do and where (English source texts)."""

    keys: str
    text: str
    group: str
    shortcut: QShortcut | None = None


_entries: list[Entry] = []


def latin(char: str) -> str:
    """The character that the same key gives in the English layout (lower case)."""
    small = char.lower()
    return _FROM_CYRILLIC.get(small, small)


def other_layout(char: str) -> str:
    """The character that the same key gives in the other layout, lower case; itself if none."""
    small = char.lower()
    return _BY_KEY.get(small) or _FROM_CYRILLIC.get(small, small)


def sequences(keys: str) -> list[QKeySequence]:
    """The key sequences of e.g. ``Ctrl+Shift+Z`` in both layouts."""
    *held, key = keys.split("+") if keys != "+" else ["+"]
    found = [QKeySequence(keys)]
    other = _BY_KEY.get(key.lower()) if len(key) == 1 else None
    if other is not None:
        found.append(QKeySequence("+".join([*held, other.upper()])))
    return found


def add(
    owner: QWidget,
    keys: str,
    text: str,
    run: Callable[[], object],
    group: str = GENERAL,
    everywhere: bool = True,
) -> QShortcut:
    """Call ``run()`` on ``keys`` while ``owner`` is visible; listed under ``?``.

    ``text`` and ``group`` are marked with ``N_``; without a text it is not listed. With
    ``everywhere=False`` the focus must be in ``owner``.
    """
    shortcut = QShortcut(owner)
    shortcut.setKeys(sequences(keys))
    shortcut.setContext(
        Qt.ShortcutContext.WindowShortcut
        if everywhere
        else Qt.ShortcutContext.WidgetWithChildrenShortcut
    )
    shortcut.activated.connect(run)
    # One key press may match both layouts' sequences of the same shortcut.
    shortcut.activatedAmbiguously.connect(run)
    if text:
        listed(owner, keys, text, group, shortcut)
    return shortcut


def listed(
    owner: QWidget, keys: str, text: str, group: str = GENERAL, shortcut: QShortcut | None = None
) -> None:
    """List keys that the widget handles by itself (arrows, Enter) under ``?``."""
    entry = Entry(keys, text, group, shortcut)
    _entries.append(entry)
    owner.destroyed.connect(lambda: _entries.remove(entry) if entry in _entries else None)


def entries() -> dict[str, list[Entry]]:
    """What ``?`` shows, by group, in the order of registration; each line once."""
    found: dict[str, list[Entry]] = {}
    seen: set[tuple[str, str, str]] = set()
    for entry in _entries:
        mark = (entry.group, entry.keys, entry.text)
        gone = entry.shortcut is not None and not isValid(entry.shortcut)
        if mark not in seen and not gone:
            seen.add(mark)
            found.setdefault(entry.group, []).append(entry)
    return found


def shown(keys: str) -> str:
    """Keys as they are written for a person, in the chosen language."""
    names = {
        "Return": tr("Enter"),
        "Esc": tr("Esc"),
        "Space": tr("Space"),
        "Del": "Delete",
        "Up": "↑",
        "Down": "↓",
        "Left": "←",
        "Right": "→",
    }
    parts: Iterable[str] = keys.split("+") if keys != "+" else [keys]
    return " + ".join(names.get(part, part) for part in parts)


def hint(text: str, keys: str) -> str:
    """A tool tip: what it does, and the keys."""
    return f"{text} ({shown(keys)})"
