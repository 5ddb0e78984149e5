"""One table of a configuration file, read value by value; each mistake is one sentence."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from salesdesk.errors import Invalid, SalesDeskError
from salesdesk.text import N_, ntr, tr

Reader = Callable[[Any], Any]


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
    if isinstance(value, bool) or not isinstance(value, int):
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
    if not number.is_finite():
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
            raise Invalid(
                N_("“{key}” cannot be {value}."), key=key, value=_shown(self.table[key])
            ) from error

    def must(self, key: str, read: Reader) -> Any:
        """The value of a key that has to be there."""
        if key not in self.table:
            raise Invalid(N_("“{key}” is missing."), key=key)
        return self.take(key, read)

    def some(self, readers: Mapping[str, Reader]) -> dict[str, Any]:
        """The values of those of the keys that are there."""
        return {key: self.take(key, read) for key, read in readers.items() if key in self.table}

    def tables(self, key: str) -> list[Mapping[str, Any]]:
        """A list of tables; empty where it is missing."""
        found: list[Mapping[str, Any]] = self.take(key, _tables, [])
        return found

    def done(self) -> None:
        """Raise ``Invalid`` for a key that nobody asked for."""
        for key in self.table:
            if key not in self.taken:
                raise Invalid(N_("“{key}” is not known here."), key=key)


def _tables(value: Any) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise TypeError
    return value


def _shown(value: Any) -> str:
    shown = f"“{value}”"
    return shown if len(shown) < 60 else f"{shown[:56]}…”"


@dataclass
class Mistakes:
    """The mistakes found so far, each with where it stands."""

    found: list[str] = field(default_factory=list)
    _path: list[str] = field(default_factory=list)

    @contextmanager
    def at(self, where: str) -> Iterator[None]:
        """Note a mistake made inside, and go on after it. ``where`` is for people."""
        self._path.append(where)
        try:
            yield
        except SalesDeskError as error:
            self.found.append(f"{', '.join(self._path)}: {error.text()}")
        finally:
            self._path.pop()

    def raise_if_any(self) -> None:
        """Raise ``ConfigurationRefused`` when there were mistakes."""
        if self.found:
            raise ConfigurationRefused(tuple(self.found))


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
