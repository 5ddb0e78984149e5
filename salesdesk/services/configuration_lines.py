"""Where things stand in a TOML text: each of its tables and keys with the number of its line.

``tomllib`` reads the values and forgets the places. ``located`` reads the text once more, for the
lines alone, and gives the same document back in tables that know them. It trusts that ``tomllib``
has taken the text.
"""

import re
from collections.abc import Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN = re.compile(r"[^\s,\]}#][^,\]}#\n]*")
_BASIC, _LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"'), re.compile(r"'[^']*'")
_LONG_BASIC = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}(?!")', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''.*?'{3,5}(?!')", re.DOTALL)
Path = tuple[str | int, ...]


class Placed(dict[str, Any]):
    """A table that knows its ``line`` and the ``lines`` of its keys."""

    def __init__(self, table: Mapping[str, Any], line: int, lines: Mapping[str, int]) -> None:
        super().__init__(table)
        self.line = line or min(lines.values(), default=0)
        self.lines = lines


class Listed(list[Any]):
    """A list that knows the ``lines`` of its entries."""

    def __init__(self, entries: list[Any], lines: list[int]) -> None:
        super().__init__(entries)
        self.lines = lines


def located(document: Any, content: str) -> Any:
    """The document with every table ``Placed``; ``content`` is the text that it was read from."""
    return _placed(document, _Scan(content.replace("\r\n", "\n")).run(), ())


def line_of(found: Any, *wanted: object) -> int:
    """The line of the first of these, a key or a value of a table or a list, or inside it; else
    that of the table itself; 0 when nobody knows."""
    for one in wanted:
        if line := _line_of(found, one):
            return line
    return found.line if isinstance(found, Placed) else 0


def _line_of(found: Any, wanted: object) -> int:
    if isinstance(found, Listed):
        here: dict[Any, int] = dict(enumerate(found.lines))
        entries: list[tuple[Any, Any]] = list(enumerate(found))
    elif isinstance(found, Placed):
        if isinstance(wanted, str) and wanted in found.lines:
            return found.lines[wanted]
        here, entries = dict(found.lines), list(found.items())
    else:
        return 0
    for key, value in entries:
        if type(value) is type(wanted) and value == wanted:
            return here.get(key, 0)
    return next((line for _, value in entries if (line := _line_of(value, wanted))), 0)


def _placed(value: Any, lines: Mapping[Path, int], path: Path) -> Any:
    if isinstance(value, list):
        entries = [_placed(one, lines, (*path, place)) for place, one in enumerate(value)]
        return Listed(entries, [lines.get((*path, place), 0) for place in range(len(value))])
    if not isinstance(value, dict):
        return value
    table = {key: _placed(one, lines, (*path, key)) for key, one in value.items()}
    known = {key: lines[(*path, key)] for key in value if (*path, key) in lines}
    return Placed(table, lines.get(path, 0), known)


class _Scan:
    """One walk through a text."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._line, self._counted = 1, 0
        self._lines: dict[Path, int] = {}
        self._lengths: dict[Path, int] = {}

    def run(self) -> dict[Path, int]:
        """The line of every path: keys, and places in arrays counted from 0."""
        inside: Path = ()
        while self._skip("\n"):
            if self._text[self._at] == "[":
                inside = self._head()
            else:
                self._pair(inside)
        return self._lines

    # -- what stands there ----------------------------------------------------------------------

    def _head(self) -> Path:
        line, many = self._here(), self._text.startswith("[[", self._at)
        self._at += 2 if many else 1
        keys = self._keys()
        self._at += 2 if many else 1
        path = self._within((), keys[:-1])
        path = (*path, keys[-1])
        self._lines.setdefault(path, line)
        if many:
            path = self._append(path)
            self._lines[path] = line
        else:
            path = self._last(path)
        return path

    def _within(self, path: Path, keys: list[str]) -> Path:
        """The table that keys lead to; of an array of tables it is the last one."""
        for key in keys:
            path = self._last((*path, key))
            self._lines.setdefault(path, self._here())
        return path

    def _append(self, path: Path) -> Path:
        place = self._lengths.get(path, 0)
        self._lengths[path] = place + 1
        return (*path, place)

    def _last(self, path: Path) -> Path:
        return (*path, self._lengths[path] - 1) if path in self._lengths else path

    def _pair(self, inside: Path) -> None:
        line = self._here()
        keys = self._keys()
        path = (*self._within(inside, keys[:-1]), keys[-1])
        self._lines[path] = line
        self._at = self._text.index("=", self._at) + 1
        self._value(path)

    def _keys(self) -> list[str]:
        keys = []
        while True:
            self._skip("")
            quote = self._text[self._at]
            if quote in "\"'":
                keys.append(self._quoted(_BASIC if quote == '"' else _LITERAL))
            else:
                keys.append(self._take(_BARE))
            self._skip("")
            if self._text[self._at] != ".":
                return keys
            self._at += 1

    def _quoted(self, pattern: re.Pattern[str]) -> str:
        import tomllib

        return str(tomllib.loads(f"k = {self._take(pattern)}")["k"])

    def _value(self, path: Path) -> None:
        self._skip("")
        self._lines.setdefault(path, self._here())
        first = self._text[self._at]
        if first in "[{":
            self._many(path, "]" if first == "[" else "}")
        elif self._text.startswith('"""', self._at):
            self._take(_LONG_BASIC)
        elif self._text.startswith("'''", self._at):
            self._take(_LONG_LITERAL)
        else:
            self._take({'"': _BASIC, "'": _LITERAL}.get(first, _PLAIN))

    def _many(self, path: Path, end: str) -> None:
        """An array, or a table within a line."""
        self._at += 1
        place = 0
        while self._skip("\n,") and self._text[self._at] != end:
            if end == "}":
                self._pair(path)
            else:
                self._value((*path, place))
                place += 1
        self._at += 1

    # -- characters -----------------------------------------------------------------------------

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        assert found is not None
        self._at = found.end()
        return found.group()

    def _skip(self, more: str) -> bool:
        """Go over blanks (and ``more``) and comments; whether anything follows."""
        while self._at < len(self._text):
            here = self._text[self._at]
            if here == "#":
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
            elif here in " \t" or here in more:
                self._at += 1
            else:
                return True
        return False

    def _here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line
