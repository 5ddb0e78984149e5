"""The mapping file: which column of a file feeds which field (TOML)."""

import difflib
import re
import tomllib
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TypeGuard, get_args

from salesdesk.errors import Reason, SalesDeskError
from salesdesk.moments import plain
from salesdesk.names import clean, key
from salesdesk.services.exchange.fields import (
    FIELDS,
    KINDS,
    MILESTONES,
    REQUIRED,
    FieldName,
    Kind,
    is_kind,
    kind_of,
)
from salesdesk.services.exchange.table import Table
from salesdesk.text import N_

StageKindText = Literal["open", "won", "lost"]

_STAGE_KINDS: tuple[str, ...] = get_args(StageKindText)
_STAGE_KEYS = ("stage", "kind", "milestone", "points", "probability", "limit_days")
_TOP_KEYS = ("as", "pipeline", "columns", "constants", "stages", "formats")
_MOST_POINTS = Decimal(1_000_000)


class MappingError(SalesDeskError):
    """A mapping that cannot be used; nothing was imported."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(N_("The mapping cannot be used"), message, **values)


@dataclass(frozen=True, slots=True)
class StageRule:
    """What a value of the stage column stands for; what is not said stays ``None``.

    ``points`` is exact, ``probability`` 0..100, ``limit_days`` whole days.
    """

    value: str
    stage: str
    kind: StageKindText | None = None
    milestone: str | None = None
    points: Decimal | None = None
    probability: int | None = None
    limit_days: int | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which columns feed which fields.

    ``columns`` has one or several column names for a field (several are joined, empty parts left
    out), ``constants`` texts for fields without a column, ``stages`` rules in the order of the
    stages, ``date_formats`` strptime patterns, ``decimal`` a point or comma when not to be guessed.
    ``stages_guessed``: nobody asked for these stages, the rules only say what the values of the
    file would be; a stage is made where a good row comes to it. A mapping file never says so.
    """

    kind: Kind
    pipeline: str | None = None
    columns: AnyMapping[str, tuple[str, ...]] = field(default_factory=dict)
    constants: AnyMapping[str, str] = field(default_factory=dict)
    stages: tuple[StageRule, ...] = ()
    date_formats: tuple[str, ...] = ()
    decimal: str | None = None
    stages_guessed: bool = field(default=False, compare=False)

    def feeds(self, name: str) -> bool:
        """Whether a field has a column or a constant."""
        return name in self.columns or name in self.constants

    @property
    def own_fields(self) -> tuple[str, ...]:
        """Fields that are not SalesDesk's but the workspace's own (deals only), by name."""
        known = FIELDS[self.kind]
        names = [*self.columns, *self.constants]
        return tuple(dict.fromkeys(name for name in names if name not in known))


def load_mapping(path: str | Path) -> Mapping:
    """Read a mapping file; raises ``MappingError`` with one sentence for the first mistake."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise MappingError(N_("There is no mapping file {path}."), path=path) from None
    except UnicodeDecodeError:
        raise MappingError(N_("The mapping file {path} is not UTF-8."), path=path) from None
    except (OSError, ValueError) as error:
        raise MappingError(
            N_("The mapping file {path} cannot be opened: {reason}."),
            path=path,
            reason=Reason(error),
        ) from error
    return parse_mapping(text)


def parse_mapping(text: str) -> Mapping:
    """The mapping in a TOML text; decimals are taken exactly. Raises ``MappingError``."""
    try:
        content = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(N_("The mapping is not valid TOML: {reason}."), reason=error) from None
    except RecursionError:
        raise MappingError(N_("The mapping is nested too deeply.")) from None
    for name in content:
        if name not in _TOP_KEYS:
            raise MappingError(N_("The mapping has an unknown part “{name}”."), name=name)
    kind = _kind(content)
    columns = {name: _columns(name, value) for name, value in _part(content, "columns").items()}
    constants = {
        name: _constant(name, value) for name, value in _part(content, "constants").items()
    }
    formats = _part(content, "formats")
    mapping = Mapping(
        kind,
        _name(content, "pipeline"),
        columns,
        constants,
        tuple(_stage(value, rule) for value, rule in _part(content, "stages").items()),
        _date_formats(formats),
        _decimal(formats),
    )
    check_fields(mapping)
    return mapping


def dumps(mapping: Mapping) -> str:
    """The mapping as the text of a mapping file."""
    import tomli_w

    content: dict[str, Any] = {"as": mapping.kind}
    if mapping.pipeline is not None:
        content["pipeline"] = mapping.pipeline
    content["columns"] = {
        name: columns[0] if len(columns) == 1 else list(columns)
        for name, columns in mapping.columns.items()
    }
    if mapping.constants:
        content["constants"] = dict(mapping.constants)
    if mapping.stages:
        content["stages"] = {rule.value: _stage_content(rule) for rule in mapping.stages}
    formats: dict[str, Any] = {}
    if mapping.date_formats:
        single = len(mapping.date_formats) == 1
        formats["date"] = mapping.date_formats[0] if single else list(mapping.date_formats)
    if mapping.decimal is not None:
        formats["decimal"] = mapping.decimal
    if formats:
        content["formats"] = formats
    return tomli_w.dumps(content)


def is_near(name: str, kind: Kind) -> bool:
    """Whether a name is a field of SalesDesk's mistyped, rather than one of the workspace's own."""
    return bool(difflib.get_close_matches(name, FIELDS[kind], 1, 0.85))


def check_fields(mapping: Mapping) -> None:
    """Raise ``MappingError`` for fields that this kind has not, or lacks."""
    known = FIELDS[mapping.kind]
    for name in (*mapping.columns, *mapping.constants):
        if name in known:
            continue
        if mapping.kind != "deals" or is_near(name, mapping.kind):
            raise MappingError(
                N_("“{name}” is no field of {kind}; the fields are: {fields}."),
                name=name,
                kind=mapping.kind,
                fields=", ".join(known),
            )
    for name in mapping.columns:
        if name in mapping.constants:
            raise MappingError(N_("The field {name} has both a column and a constant."), name=name)
    for name in REQUIRED[mapping.kind]:
        if not mapping.feeds(name):
            raise MappingError(
                N_("A column is needed for the field {field}."), field=FieldName(name)
            )
    if mapping.kind == "deals" and not (mapping.feeds("external_id") or mapping.feeds("title")):
        raise MappingError(
            N_("A column is needed for the field {field} or {other}."),
            field=FieldName("external_id"),
            other=FieldName("title"),
        )


def check_columns(mapping: Mapping, table: Table) -> dict[str, tuple[int, ...]]:
    """The places (from 0) of the columns that feed each field.

    A column is found by its exact name, ``Name (2)`` for the second of that name, or the name
    without regard to case and blanks. Raises ``MappingError`` for a column that is not there.
    """
    exact = {name: place for place, name in reversed(list(enumerate(table.addresses())))}
    loose = {key(name): place for place, name in reversed(list(enumerate(table.addresses())))}
    places: dict[str, tuple[int, ...]] = {}
    for name, columns in mapping.columns.items():
        found: list[int] = []
        for column in columns:
            place = exact.get(column, loose.get(key(column)))
            if place is None:
                raise MappingError(
                    N_("The file has no column “{column}” (field {name}); it has: {columns}."),
                    column=column,
                    name=name,
                    columns=_listed(table.headings),
                )
            found.append(place)
        places[name] = tuple(found)
    return places


def _listed(headings: tuple[str, ...]) -> str:
    shown = ", ".join(heading for heading in headings[:12] if heading)
    return shown + ", …" if len(headings) > 12 else shown


def _kind(content: dict[str, Any]) -> Kind:
    text = content.get("as")
    if text is None:
        raise MappingError(N_('The mapping does not say what the rows are: it needs as = "…".'))
    if not isinstance(text, str) or not is_kind(text):
        raise MappingError(
            N_("as = {text} is not known; it is one of: {kinds}."),
            text=repr(text) if not isinstance(text, str) else f'"{text}"',
            kinds=", ".join(KINDS),
        )
    return kind_of(text)


def _part(content: dict[str, Any], name: str) -> dict[str, Any]:
    part = content.get(name, {})
    if not isinstance(part, dict):
        raise MappingError(N_("[{name}] must be a table of the mapping."), name=name)
    return part


def _name(content: dict[str, Any], name: str) -> str | None:
    text = content.get(name)
    if text is None:
        return None
    if not isinstance(text, str) or not clean(text):
        raise MappingError(N_("{name} must be a text that is not empty."), name=name)
    return clean(text)


def _columns(name: str, value: object) -> tuple[str, ...]:
    columns = value if isinstance(value, list) else [value]
    if not columns or not all(isinstance(one, str) and clean(one) for one in columns):
        raise MappingError(
            N_("The field {name} needs the name of a column, or a list of names."), name=name
        )
    return tuple(columns)


def _constant(name: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        if hasattr(value, "isoformat"):
            return str(value.isoformat())
        raise MappingError(N_("The constant {name} must be a text or a number."), name=name)
    return plain(value) if isinstance(value, Decimal) and value.is_finite() else str(value)


def _stage(value: str, rule: object) -> StageRule:
    if isinstance(rule, str):
        rule = {"stage": rule}
    if not isinstance(rule, dict):
        raise MappingError(
            N_("The stage “{value}” needs a table like {{ stage = … }}."), value=value
        )
    for name in rule:
        if name not in _STAGE_KEYS:
            raise MappingError(
                N_("The stage “{value}” has an unknown entry “{name}”; known are: {known}."),
                value=value,
                name=name,
                known=", ".join(_STAGE_KEYS),
            )
    stage = rule.get("stage", value)
    if not isinstance(stage, str) or not clean(stage):
        raise MappingError(N_("The stage for “{value}” needs a name."), value=value)
    return StageRule(
        value,
        clean(stage),
        _choice(value, rule, "kind", _STAGE_KINDS),  # type: ignore[arg-type]
        _choice(value, rule, "milestone", MILESTONES),
        _points(value, rule.get("points")),
        _whole(value, rule, "probability", 100),
        _whole(value, rule, "limit_days", 36_500),
    )


def _choice(value: str, rule: dict[str, Any], name: str, choices: tuple[str, ...]) -> str | None:
    text = rule.get(name)
    if text is not None and text not in choices:
        raise MappingError(
            N_("The stage “{value}” has {name} = {text}; it is one of: {choices}."),
            value=value,
            name=name,
            text=text,
            choices=", ".join(choices),
        )
    return str(text) if text is not None else None


def _exact(given: object) -> TypeGuard[int | Decimal]:
    return isinstance(given, int | Decimal) and not isinstance(given, bool)


def _points(value: str, given: object) -> Decimal | None:
    if given is None:
        return None
    text = given.strip() if isinstance(given, str) else format(given, "f") if _exact(given) else ""
    points = Decimal(text) if re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,6})?", text) else None
    if points is None or not -_MOST_POINTS < points <= _MOST_POINTS:
        raise MappingError(
            N_("The points of the stage “{value}” are no decimal number: {given}."),
            value=value,
            given=given,
        )
    return points


def _whole(value: str, rule: dict[str, Any], name: str, most: int) -> int | None:
    number = rule.get(name)
    if number is None:
        return None
    if isinstance(number, str) and number.strip().isascii() and number.strip().isdigit():
        number = int(number)
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= most:
        raise MappingError(
            N_("{name} of the stage “{value}” is no whole number from 0 to {most}: {number}."),
            name=name,
            value=value,
            most=most,
            number=number,
        )
    return number


def _date_formats(formats: dict[str, Any]) -> tuple[str, ...]:
    for name in formats:
        if name not in ("date", "decimal"):
            raise MappingError(N_("[formats] has an unknown entry “{name}”."), name=name)
    given = formats.get("date", [])
    patterns = given if isinstance(given, list) else [given]
    for pattern in patterns:
        if not isinstance(pattern, str) or not re.search(r"%[YyGcxDFs]", pattern):
            raise MappingError(
                N_("The date format {pattern} has no year; formats look like %d.%m.%Y."),
                pattern=pattern,
            )
    return tuple(patterns)


def _decimal(formats: dict[str, Any]) -> str | None:
    sign = formats.get("decimal")
    if sign is not None and sign not in (".", ","):
        raise MappingError(N_("decimal in [formats] is “.” or “,”, not {sign}."), sign=sign)
    return sign


def _stage_content(rule: StageRule) -> dict[str, Any]:
    content: dict[str, Any] = {"stage": rule.stage}
    for name in ("kind", "milestone", "probability", "limit_days"):
        given = getattr(rule, name)
        if given is not None:
            content[name] = given
    if rule.points is not None:
        content["points"] = plain(rule.points)
    return content
