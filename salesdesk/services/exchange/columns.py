"""A table read through a mapping: typed values by field, and the rows that are refused.

Works by column, so that formats are found from all rows and a hundred thousand rows stay quick. No
database and no time zone here: what depends on them (a deal closed before it was created, people
that do not exist yet) is the importer's.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Generic, TypeVar, cast

from salesdesk.names import clean, key
from salesdesk.services.exchange.cells import plain_cell
from salesdesk.services.exchange.dates import DateColumn, When, detect_dates
from salesdesk.services.exchange.fields import REQUIRED, joiner_of, names_someone, shape_of
from salesdesk.services.exchange.mapping import Mapping, MappingError, check_columns, check_fields
from salesdesk.services.exchange.nothing import NOTHING, is_nobody
from salesdesk.services.exchange.numbers import (
    Amount,
    NumberColumn,
    currency_code,
    currency_in_heading,
    detect_numbers,
)
from salesdesk.services.exchange.rejects import (
    DAMAGED,
    EMPTY,
    NOT_A_CURRENCY,
    NOT_A_NUMBER,
    NOT_A_ROLE,
    NOT_A_STATE,
    TOTALS,
    Reject,
    shortened,
)
from salesdesk.services.exchange.table import Table
from salesdesk.text import N_, tr

Value = TypeVar("Value")

_BETWEEN = "\x1d"
_UNTIDY = re.compile(r"[^\S \x1d]|\ufeff|  | \x1d|\x1d[ ']|\A[ ']| \Z")

_TOTAL = re.compile(r"(?:(?:grand |sub)?totals?|итого|всего|общий итог) ?:?", re.IGNORECASE)
_STATES = {
    "done": "done completed complete closed finished yes true 1 выполнена выполнено завершена "
    "завершено закрыта закрыто готово да",
    "cancelled": "cancelled canceled отменена отменено отклонена",
    "open": "open new pending waiting planned active overdue deferred no false 0 новая открыта "
    "ожидает отложена просрочена активна нет",
}
_STATE_OF = {word: state for state, words in _STATES.items() for word in words.split()} | {
    **dict.fromkeys(("in progress", "not started", "в работе", "не выполнена"), "open"),
    **dict.fromkeys(("выполняется", "не начата", "ждет выполнения", "почти просрочена"), "open"),
    **dict.fromkeys(("ждёт выполнения", "ждет контроля", "ждёт контроля"), "open"),
}
_ROLE_OF = {
    **dict.fromkeys(("manager", "менеджер", "sales", "sales manager", "seller"), "manager"),
    **dict.fromkeys(("менеджер по продажам", "продавец", "sales rep", "rep", "agent"), "manager"),
    **dict.fromkeys(("team_lead", "team lead", "lead", "supervisor", "роп"), "team_lead"),
    **dict.fromkeys(("руководитель", "руководитель отдела", "head of sales"), "team_lead"),
    **dict.fromkeys(("руководитель отдела продаж", "head", "начальник отдела"), "team_lead"),
    **dict.fromkeys(("admin", "administrator", "админ", "администратор"), "admin"),
}


@dataclass(frozen=True, slots=True)
class FieldColumn(Generic[Value]):
    """The values of one field, one for each row of the table (``None`` where the cell is empty).

    ``headings`` are those of the columns it comes from (none for a constant), ``empty`` counts
    rows whose cell is empty (not those that cannot be read), ``found`` is the format of dates and
    numbers.
    """

    name: str
    headings: tuple[str, ...]
    values: list[Value | None]
    empty: int
    found: DateColumn | NumberColumn | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """How a field is written in the file: ``dates`` (``D.M.Y``) or the ``decimal`` sign.

    ``heading`` is that of its first column; ``decided`` is false where nothing tells day and month
    apart.
    """

    name: str
    heading: str
    dates: str = ""
    decimal: str = ""
    decided: bool = True


@dataclass(frozen=True, slots=True)
class Columns:
    """A table by fields. All lists are as long as ``table.rows`` and in its order.

    ``good`` are the places (from 0) of the rows without a fault, ``rejects`` one entry for each
    refused row, spoilt ones included, by row number.
    """

    table: Table
    mapping: Mapping
    fields: dict[str, FieldColumn[Any]]
    good: list[int]
    rejects: tuple[Reject, ...]
    _places: dict[str, tuple[int, ...]] = field(default_factory=dict, repr=False)

    def texts(self, name: str) -> list[str | None]:
        """Texts of a field, tidied: names, titles, stages, currencies, states, roles."""
        return cast("list[str | None]", self._values(name))

    def dates(self, name: str) -> list[When | None]:
        """Dates of a field: naive ones are local."""
        return cast("list[When | None]", self._values(name))

    def amounts(self, name: str) -> list[Decimal | None]:
        """Exact decimals of ``amount`` or ``cost``."""
        amounts = cast("list[Amount | None]", self._values(name))
        return [None if one is None else one.value for one in amounts]

    def wholes(self, name: str) -> list[int | None]:
        """Whole numbers: ``probability`` (0..100), ``rating``."""
        return cast("list[int | None]", self._values(name))

    def tags(self) -> list[tuple[str, ...]]:
        """The tags of each row."""
        return [one or () for one in cast("list[tuple[str, ...] | None]", self._values("tags"))]

    def currencies(self) -> list[str | None]:
        """The currency of each deal: as its amount's cell says, else its own column, else the
        heading of the amount (``Бюджет, ₽``), else nothing (the workspace's currency)."""
        amounts = cast("list[Amount | None]", self._values("amount"))
        named = self.texts("currency")
        heading = next(iter(self.fields["amount"].headings), "") if "amount" in self.fields else ""
        other = currency_in_heading(heading)
        return [
            (amount.currency if amount else None) or name or other
            for amount, name in zip(amounts, named, strict=True)
        ]

    def formats(self) -> tuple[Format, ...]:
        """How dates and numbers are written, where the file shows it."""
        found: list[Format] = []
        for name, one in self.fields.items():
            if not one.headings or one.found is None or one.values.count(None) == len(one.values):
                continue
            if isinstance(one.found, DateColumn):
                how = Format(name, one.headings[0], one.found.label, decided=one.found.decided)
                found.append(how)
            elif len(one.found.decimal) == 1:
                found.append(Format(name, one.headings[0], decimal=min(one.found.decimal)))
        return tuple(found)

    def reject_of(self, place: int, name: str, problem: str) -> Reject:
        """A refusal of the row at ``place`` for its field ``name``, found later."""
        number, cells = self.table.rows[place]
        columns = self._places.get(name, ())
        if not columns:
            return Reject(number, "", "", problem)
        value = joiner_of(name).join(cells[at] for at in columns if cells[at].strip())
        return Reject(number, self.table.headings[columns[0]], shortened(value), problem)

    def _values(self, name: str) -> list[Any]:
        known = self.fields.get(name)
        return known.values if known else [None] * len(self.table.rows)


class _Faults:
    """The first bad cell of each row: by its place in the file, leftmost first."""

    def __init__(self) -> None:
        self.of: dict[int, tuple[int, str, str]] = {}

    def add(self, row: int, column: int, value: str, problem: str) -> None:
        known = self.of.get(row)
        if known is None or column < known[0]:
            self.of[row] = (column, value, problem)


def read_columns(table: Table, mapping: Mapping) -> Columns:
    """Read all mapped fields; raises ``MappingError`` for a mapping that does not fit the table."""
    check_fields(mapping)
    places = check_columns(mapping, table)
    faults = _Faults()
    fields: dict[str, FieldColumn[Any]] = {}
    for name, columns in places.items():
        texts = _joined(table, name, columns)
        if names_someone(name, mapping.kind):
            texts = _without_nobody(table, columns, texts)
        _find_damage(table, columns, faults)
        headings = tuple(table.headings[at] for at in columns)
        fields[name] = _read(name, headings, texts, mapping, columns[0], faults)
    for name, constant in mapping.constants.items():
        fields[name] = _constant(name, constant, mapping, len(table.rows))
    for name in _required(mapping):
        for row, value in enumerate(fields[name].values):
            if value is None:
                faults.add(row, min(places.get(name, (0,))), "", EMPTY)
    for row, value in _totals(mapping, fields):
        faults.add(row, places["external_id"][0], value, TOTALS)
    good = [row for row in range(len(table.rows)) if row not in faults.of]
    rejects = [
        Reject(table.rows[row][0], table.headings[column], shortened(value), problem)
        for row, (column, value, problem) in faults.of.items()
    ]
    rejects = sorted([*table.rejects, *rejects], key=lambda one: one.row)
    return Columns(table, mapping, fields, good, tuple(rejects), places)


def _required(mapping: Mapping) -> tuple[str, ...]:
    """Fields that no row may leave empty: without an external id a row could come twice."""
    if mapping.kind != "deals":
        return REQUIRED[mapping.kind]
    return ("external_id",) if mapping.feeds("external_id") else ("title",)


def _totals(mapping: Mapping, fields: dict[str, FieldColumn[Any]]) -> Iterator[tuple[int, str]]:
    """Rows of sums below the deals: ``Total`` in the column of the key, no stage and no date."""
    if mapping.kind != "deals" or "external_id" not in mapping.columns:
        return
    told = ("stage", "created_at", "stage_entered_at", "closed_at")
    beside = [fields[name].values for name in told if name in mapping.columns]
    for row, key_text in enumerate(fields["external_id"].values):
        if key_text and _TOTAL.fullmatch(key_text) and not any(values[row] for values in beside):
            yield row, key_text


def _joined(table: Table, name: str, columns: tuple[int, ...]) -> list[str]:
    if len(columns) == 1:
        return table.column(columns[0])
    sign = joiner_of(name)
    parts = (((cells[at].strip() for at in columns)) for _, cells in table.rows)
    return [sign.join(text for text in texts if text) for texts in parts]


def _without_nobody(table: Table, columns: tuple[int, ...], texts: list[str]) -> list[str]:
    """The texts, those empty that name nobody (``NULL``): they are no people to be made.

    Of names in parts all must say so: a surname may well be ``Null``.
    """
    if len(columns) == 1:
        nobody = {text for text in set(texts) if is_nobody(clean(plain_cell(text)))}
        return ["" if text in nobody else text for text in texts] if nobody else texts
    parts = ([clean(plain_cell(cells[at])) for at in columns] for _, cells in table.rows)
    return [
        "" if all(not one or is_nobody(one) for one in names) else text
        for names, text in zip(parts, texts, strict=True)
    ]


def _find_damage(table: Table, columns: tuple[int, ...], faults: _Faults) -> None:
    if not table.found.damaged:
        return
    for row, (_, cells) in enumerate(table.rows):
        for at in columns:
            if "\ufffd" in cells[at]:
                faults.add(row, at, cells[at], DAMAGED)


def _read(
    name: str,
    headings: tuple[str, ...],
    texts: list[str],
    mapping: Mapping,
    column: int,
    faults: _Faults,
) -> FieldColumn[Any]:
    """The values of a field out of its texts; bad ones are noted as faults of ``column``."""
    shape = shape_of(name, mapping.kind)
    if shape == "text" and name != "notes" and _tidy(texts):
        return FieldColumn(name, headings, [text or None for text in texts], texts.count(""))
    read, found = _reader(shape, name, texts, mapping)
    if found is not None and not found.bad and shape in ("date", "amount"):
        plain = [found.known.get(text) for text in texts]
        if plain.count(None) == found.empty:
            return FieldColumn(name, headings, plain, found.empty, found)
    known: dict[str, Any] = {}
    values: list[Any] = []
    bad = 0
    for row, text in enumerate(texts):
        if text in known:
            value = known[text]
        else:
            try:
                value = read(text)
            except ValueError as problem:
                value = _Bad(str(problem))
            known[text] = value
        if isinstance(value, _Bad):
            faults.add(row, column, text, value.problem)
            value = None
            bad += 1
        values.append(value)
    return FieldColumn(name, headings, values, values.count(None) - bad, found)


def _tidy(texts: list[str]) -> bool:
    """Whether no text of a column needs tidying (judged in one go, which is much faster)."""
    whole = _BETWEEN.join(texts)
    if whole.count(_BETWEEN) != max(0, len(texts) - 1) or _UNTIDY.search(whole):
        return False
    return whole.isascii() or unicodedata.is_normalized("NFC", whole)


@dataclass(frozen=True, slots=True)
class _Bad:
    """A cell that cannot be read."""

    problem: str


def _reader(
    shape: str, name: str, texts: list[str], mapping: Mapping
) -> tuple[Callable[[str], Any], DateColumn | NumberColumn | None]:
    """What reads one cell (``None`` for an empty one; ``ValueError`` with the problem)."""
    if shape == "date":
        dates = detect_dates(texts, mapping.date_formats or None)
        return (lambda text: None if dates.is_blank(text) else dates.parse(text)), dates
    if shape in ("amount", "percent", "whole"):
        numbers = detect_numbers(map(plain_cell, texts), mapping.decimal, shape == "percent")
        return _number_reader(shape, numbers), numbers
    readers: dict[str, Callable[[str], Any]] = {
        "currency": _one_of(currency_code, NOT_A_CURRENCY),
        "state": _one_of(lambda text: _STATE_OF.get(key(text)), NOT_A_STATE),
        "role": _one_of(lambda text: _ROLE_OF.get(key(text)), NOT_A_ROLE),
        "tags": _tags,
    }
    return readers.get(shape, _notes if name in _LINES else _text), None


def _number_reader(shape: str, numbers: NumberColumn) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        text = plain_cell(text)
        if numbers.is_blank(text):
            return None
        amount = numbers.parse(text.strip())
        if shape == "amount":
            return amount
        whole = int(amount.value.quantize(Decimal(1), ROUND_HALF_UP))
        if shape == "whole" and whole != amount.value:
            raise ValueError(NOT_A_NUMBER)
        return whole

    return read


def _one_of(find: Callable[[str], str | None], problem: str) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        text = clean(text)
        if not text or text.casefold() in NOTHING:
            return None
        found = find(text)
        if found is None:
            raise ValueError(problem)
        return found

    return read


def _text(text: str) -> str | None:
    return clean(plain_cell(text)) or None


#: Texts that keep the ends of their lines.
_LINES = frozenset(("notes", "services"))


def _notes(text: str) -> str | None:
    return plain_cell(text.strip()) or None


def _tags(text: str) -> tuple[str, ...] | None:
    names: Iterable[str] = (clean(part) for part in text.replace(";", ",").split(","))
    unique = {key(name): name for name in reversed(list(names)) if name}
    return tuple(reversed(unique.values())) or None


def _constant(name: str, constant: str, mapping: Mapping, rows: int) -> FieldColumn[Any]:
    faults = _Faults()
    one = _read(name, (), [constant], mapping, 0, faults)
    if faults.of:
        raise MappingError(
            N_("The constant {name} = “{value}” is {problem}."),
            name=name,
            value=constant,
            problem=tr(faults.of[0][2]),
        )
    return FieldColumn(name, (), one.values * rows, rows if one.empty else 0, one.found)
