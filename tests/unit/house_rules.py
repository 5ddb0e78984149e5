"""The rules of the house that no linter knows, as functions from a source to its findings.

A finding is ``(line, what is wrong)``. ``test_house_rules.py`` holds them against the repository.
"""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

Finding = tuple[int, str]
Place = Callable[[Path], bool]

MAX_FILE = 500
MAX_FUNCTION = 60

_WRITING_SQL = re.compile(
    r"(?:^|[\n;(])\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO\b|UPDATE\s+(?:OR\s+\w+\s+)?\S+\s+SET\b"
    r"|DELETE\s+FROM\b|REPLACE\s+INTO\b)",
    re.IGNORECASE,
)
_SQL_CLOCK = re.compile(
    r"\bCURRENT_(?:TIMESTAMP|DATE|TIME)\b"
    r"|\b(?:date|time|datetime|julianday|strftime|unixepoch)\s*\(\s*(?:'[^']*'\s*,\s*)?'now'"
    r"|\bunixepoch\s*\(\s*\)|\bnow\s*\(\s*\)"
)
_COLOUR = re.compile(
    r"#(?:[0-9a-f]{8}|[0-9a-f]{6}|(?=\d*[a-f])[0-9a-f]{3})(?![0-9a-z_])|\b(?:rgba?|hsla?|hsva?)\(",
    re.IGNORECASE,
)
_CLOCKS = {
    "datetime": ("now", "utcnow", "today"),
    "date": ("today",),
    "time": ("time", "time_ns", "localtime", "gmtime", "ctime"),
    "func": ("now", "current_timestamp"),
}
# In halves, so that this file does not find itself.
_HALVES = """
pypi. org
pythonhosted .org
registry.npm js
proxy.go lang
deb. debian.org
security. debian.org
/wo rk/
/ro ot/
/opt/ py
/opt/wh eels
/tmp/ bash
"""
_ADDRESSES = re.compile(
    r"/home/\w|/Users/\w|"
    + "|".join(re.escape("".join(halves.split())) for halves in _HALVES.strip().split("\n"))
)


class Source:
    """A file of Python, parsed and walked once for all rules."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Everything in it."""
        return list(ast.walk(ast.parse(self.text)))

    @cached_property
    def strings(self) -> list[tuple[int, str]]:
        """Each text constant and f-string (with ``x`` for its values), docstrings left out."""
        return list(_strings(self.nodes))


Rule = Callable[[Source], Iterator[Finding]]


def _strings(nodes: list[ast.AST]) -> Iterator[tuple[int, str]]:
    told = {
        id(node.body[0].value)
        for node in nodes
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            told.update(id(part) for part in node.values)
            parts = (p.value if isinstance(p, ast.Constant) else "x" for p in node.values)
            yield node.lineno, "".join(str(part) for part in parts)
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
        ):
            yield node.lineno, node.value


def long_file(source: Source) -> Iterator[Finding]:
    """No file above 500 lines."""
    lines = source.text.count("\n")
    if lines > MAX_FILE:
        yield MAX_FILE + 1, f"{lines} lines, no more than {MAX_FILE}"


def long_function(source: Source) -> Iterator[Finding]:
    """A function reads at one glance; above 60 lines it surely does not."""
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION:
                yield node.lineno, f"{node.name} has {lines} lines, no more than {MAX_FUNCTION}"


def asks_the_clock(source: Source) -> Iterator[Finding]:
    """``now`` is handed in: neither by name (datetime.now) nor imported (from time import time)."""
    for node in source.nodes:
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            for name in node.names:
                if name.name in _CLOCKS["time"]:
                    yield node.lineno, f"takes {name.name} from time"
        if not isinstance(node, ast.Attribute):
            continue
        owner = node.value
        base = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", None)
        if node.attr in _CLOCKS.get(str(base), ()):
            yield node.lineno, f"asks the clock: {base}.{node.attr}"
        if node.attr in {"currentDateTime", "currentDateTimeUtc", "currentDate", "currentTime"}:
            yield node.lineno, f"asks the clock: {node.attr}"


def sql_clock(source: Source) -> Iterator[Finding]:
    """The database is never asked what time it is."""
    for line, value in source.strings:
        if _SQL_CLOCK.search(value):
            yield line, f"SQL asks the clock: {value[:60]!r}"


def writes_sql(source: Source) -> Iterator[Finding]:
    """Statements that write stand in salesdesk/models alone: one door."""
    for line, value in source.strings:
        if _WRITING_SQL.search(value):
            yield line, f"SQL that writes: {value.strip()[:60]!r}"


def names_a_colour(source: Source) -> Iterator[Finding]:
    """Colours come from the theme."""
    for line, value in source.strings:
        if _COLOUR.search(value):
            yield line, f"names a colour: {value.strip()[:60]!r}"
    for node in source.nodes:
        if _literal_colour(node):
            yield getattr(node, "lineno", 0), f"names a colour: {ast.unparse(node)}"


def _literal_colour(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "QColor":
        return any(isinstance(argument, ast.Constant) for argument in node.args)
    if isinstance(node, ast.Attribute) and getattr(node.value, "attr", "") == "GlobalColor":
        return node.attr != "transparent"
    return False


def open_painter(source: Source) -> Iterator[Finding]:
    """A painter ends with its block: one that an error keeps alive takes the program down."""
    for node in source.nodes:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and ast.unparse(node.value.func) == "QPainter"
            and node.value.args
        ):
            yield node.lineno, "with QPainter(...) as painter"


def imports_qt(source: Source) -> Iterator[Finding]:
    """PySide6 and pyqtgraph belong to ui."""
    for line, name in imported(source):
        if name in {"PySide6", "shiboken6", "pyqtgraph"}:
            yield line, f"imports {name}"


def imported(source: Source) -> Iterator[tuple[int, str]]:
    """The top names of the absolute imports of a module, wherever they stand."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module.split(".")[0]


def addresses(text: str) -> Iterator[Finding]:
    """No registry's host and no path of somebody's machine."""
    for number, line in enumerate(text.split("\n"), 1):
        found = _ADDRESSES.search(line)
        if found:
            yield number, f"names a host or a machine's path: {found.group()}"


def below(*folders: str) -> Place:
    """Whether a path (relative to the repository) is one of, or lies below, ``folders``."""
    return lambda path: any(path == Path(f) or Path(f) in path.parents for f in folders)


def everywhere(path: Path) -> bool:
    """Every file."""
    return True


#: What each rule holds for, and where it does not.
RULES: tuple[tuple[Rule, Place, Place], ...] = (
    (long_file, everywhere, below()),
    (long_function, everywhere, below()),
    (asks_the_clock, below("salesdesk"), below("salesdesk/app.py", "salesdesk/cli.py")),
    (sql_clock, below("salesdesk"), below()),
    (writes_sql, below("salesdesk"), below("salesdesk/models")),
    (names_a_colour, below("salesdesk"), below("salesdesk/ui/theme.py", "salesdesk/ui/theme")),
    (open_painter, below("salesdesk"), below()),
    (imports_qt, below("salesdesk"), below("salesdesk/ui")),
)  # fmt: skip
