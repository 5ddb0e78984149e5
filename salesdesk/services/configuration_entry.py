"""One table of a configuration file, read value by value; each mistake is one sentence."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from salesdesk import names
from salesdesk.errors import Invalid, SalesDeskError
from salesdesk.services.configuration_lines import line_of
from salesdesk.text import N_, ntr, tr

Reader = Callable[[Any], Any]
#: The largest numbers that a file may bring: whole ones, and amounts.
_MOST, _MOST_DECIMAL = 10**12, Decimal(10) ** 13


class Misread(Invalid):
    """A key that is missing, unknown or holds what it cannot; ``line`` where it stands, or 0."""

    def __init__(self, line: int, message: str, /, **values: object) -> None:
        self.line = line
        super().__init__(message, **values)


def text(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise TypeError
    return value


def flag(value: Any) -> bool:
    """Yes or no."""
    if not isinstance(value, bool):
        raise TypeError
    return value


def whole(value: Any) -> int:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _MOST:
        raise TypeError
    return value


def decimal(value: Any) -> Decimal:
    """A decimal written as text, or a whole number; never a binary fraction."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise TypeError from error
    if not number.is_finite() or abs(number) > _MOST_DECIMAL:
        raise TypeError
    return number


def day(value: Any) -> int:
    """A date, as TOML's own or as text, to an ordinal."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError as error:
            raise TypeError from error
    if isinstance(value, datetime) or not isinstance(value, date):
        raise TypeError
    return value.toordinal()


def month(value: Any) -> int:
    """``2026-11`` to a month number."""
    if not isinstance(value, str):
        raise TypeError
    return day(f"{value}-01") and int(value[:4]) * 12 + int(value[5:7]) - 1


def texts(value: Any) -> list[str]:
    """A list of texts."""
    if not isinstance(value, list):
        raise TypeError
    return [text(entry) for entry in value]


@dataclass
class Entry:
    """A table and where it stands. Values are taken by key; ``done`` refuses what is left."""

    table: Mapping[str, Any]
    taken: set[str] = field(default_factory=set)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self.table

    def take(self, key: str, read: Reader, default: Any = None) -> Any:
        """The value of a key, ``default`` where it is missing; raises ``Invalid``."""
        self.taken.add(key)
        if key not in self.table:
            return default
        try:
            return read(self.table[key])
        except TypeError as error:
            raise Misread(
                line_of(self.table, key), N_("“{key}” cannot be {value}."),
                key=key, value=shown(self.table[key]),
            ) from error  # fmt: skip

    def must(self, key: str, read: Reader) -> Any:
        """The value of a key that has to be there."""
        if key not in self.table:
            raise Misread(line_of(self.table), N_("“{key}” is missing."), key=key)
        return self.take(key, read)

    def some(self, readers: Mapping[str, Reader]) -> dict[str, Any]:
        """The values of those of the keys that are there."""
        return {key: self.take(key, read) for key, read in readers.items() if key in self.table}

    def tables(self, key: str) -> list[Mapping[str, Any]]:
        """A list of tables; empty where it is missing."""
        found: list[Mapping[str, Any]] = self.take(key, many_tables, [])
        return found

    def done(self) -> None:
        """Raise ``Invalid`` for a key that nobody asked for."""
        for key in self.table:
            if key not in self.taken:
                raise Misread(line_of(self.table, key), N_("“{key}” is not known here."), key=key)


def one_table(value: Any) -> Mapping[str, Any]:
    """A table."""
    if not isinstance(value, dict):
        raise TypeError
    return value


def many_tables(value: Any) -> list[Mapping[str, Any]]:
    """A list of tables."""
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise TypeError
    return value


def shown(value: Any) -> str:
    """A value as a sentence quotes it."""
    shown = f"“{value}”"
    return shown if len(shown) < 60 else f"{shown[:56]}…”"


@dataclass
class Mistakes:
    """The mistakes found so far: the line of each (0 when nobody knows), and what is wrong."""

    found: list[tuple[int, str]] = field(default_factory=list)
    _path: list[tuple[str, int]] = field(default_factory=list)

    @contextmanager
    def at(self, where: str, inside: Any = None, line: int = 0) -> Iterator[None]:
        """Note a mistake made inside, and go on after it. ``where`` is for people; ``inside`` is
        the table that is read, or ``line`` where it stands."""
        self._path.append((where, line or line_of(inside)))
        try:
            yield
        except Misread as error:
            self._note(error, error.line)
        except SalesDeskError as error:
            self._note(error, line_of(inside, *error.values.values()))
        finally:
            self._path.pop()

    def each(
        self,
        kind: str,
        tables: Iterable[Mapping[str, Any]],
        take: Callable[[Mapping[str, Any]], object],
        by: str = "name",
        once: bool = False,
    ) -> list[Mapping[str, Any]]:
        """Take in each table, noting its mistakes; returns those without one.

        ``kind`` is what a table is called and ``by`` the key that tells it from the others; with
        ``once`` a second one of the same name is refused.
        """
        good, seen = [], set[str]()
        for table in tables:
            before, name = len(self.found), table.get(by, "")
            with self.at(place(kind, name), table):
                if once and isinstance(name, str):
                    if names.key(name) in seen:
                        raise Invalid(N_("“{name}” stands here twice."), name=name)
                    seen.add(names.key(name))
                take(table)
            if len(self.found) == before:
                good.append(table)
        return good

    def _note(self, error: SalesDeskError, line: int) -> None:
        # The section says nothing that the table inside it does not.
        words = ", ".join(where for where, _ in self._path[1:] or self._path)
        known = (line, *(found for _, found in reversed(self._path)))
        self.found.append((next(filter(None, known), 0), f"{words}: {error.text()}"))

    def raise_if_any(self) -> None:
        """Raise ``ConfigurationRefused`` when there were mistakes, in the order of the lines."""
        if self.found:
            told = sorted(self.found, key=lambda one: one[0])
            raise ConfigurationRefused(
                tuple(
                    tr("Line {line}, {mistake}", line=line, mistake=words) if line else words
                    for line, words in told
                )
            )


class ConfigurationRefused(SalesDeskError):
    """The file has ``mistakes``, each one sentence; nothing was changed."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        self.mistakes = mistakes
        super().__init__(
            N_("The configuration was not imported"), N_("Nothing was changed. {first}"),
            first=mistakes[0],
        )  # fmt: skip

    def text(self) -> str:
        """How many mistakes there are, and the first of them."""
        if len(self.mistakes) == 1:
            return super().text()
        return ntr(
            "Nothing was changed, there is {n} mistake. The first one: {first}",
            "Nothing was changed, there are {n} mistakes. The first one: {first}",
            len(self.mistakes),
            first=self.mistakes[0],
        )


def place(kind: str, name: Any) -> str:
    """Where a mistake stands, for people: ``pipeline “Sales”``."""
    return f"{tr(kind)} “{name}”"
