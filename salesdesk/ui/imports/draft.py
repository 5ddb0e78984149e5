"""What a person has in hand while preparing an import: the file, the mapping, lines of columns.

No Qt here. A mapping is never changed in place: every edit makes another one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from salesdesk.names import clean, key
from salesdesk.services import lists, pipelines
from salesdesk.services.exchange.fields import FIELDS, Kind, joiner_of
from salesdesk.services.exchange.guess import Guess, guess_mapping, with_own_fields
from salesdesk.services.exchange.mapping import Mapping, MappingError, StageRule, check_columns
from salesdesk.services.exchange.reader import read_table
from salesdesk.services.exchange.stagenames import stage_rules
from salesdesk.services.exchange.table import Table
from salesdesk.services.records import Asks
from salesdesk.text import tr
from salesdesk.ui.collecting import without_collector

#: Kinds whose rows stand in a pipeline's stages.
STAGED: tuple[Kind, ...] = ("deals", "moves")
#: Values of a stage column that are offered for editing.
MOST_STAGES = 200


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read, and what was guessed of it; ``pipeline`` is the one proposed.

    ``misfit`` says why a mapping that was loaded before the file does not fit it.
    """

    path: Path
    table: Table
    guess: Guess
    pipeline: str
    own_fields: tuple[str, ...] = ()
    misfit: MappingError | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the columns table: columns of the file (none for a constant) and their field."""

    columns: tuple[str, ...]
    field: str | None
    example: str
    constant: str | None = None


@without_collector()
def read_file(r: Asks, path: Path, mapping: Mapping | None = None) -> ReadFile:
    """Read ``path`` and guess what it means; a ``mapping`` that was loaded before is kept if it
    fits. Raises ``UnreadableFile``."""
    table = read_table(path)
    own = own_fields(r)
    guess, misfit = guess_mapping(table), None
    guess = replace(guess, mapping=with_own_fields(guess.mapping, table, own))
    if mapping is not None:
        try:
            check_columns(mapping, table)
            guess = replace(guess, mapping=mapping)
        except MappingError as error:
            misfit = error
    pipeline = proposed_pipeline(r, path, guess.mapping)
    return ReadFile(path, table, guess, pipeline, own, misfit)


@without_collector()
def guessed(read: ReadFile, kind: Kind) -> Mapping:
    """The mapping that fits best when the rows are of this kind."""
    return with_own_fields(guess_mapping(read.table, kind).mapping, read.table, read.own_fields)


def own_fields(r: Asks) -> tuple[str, ...]:
    """Names of the workspace's own fields of deals."""
    return tuple(
        field.name for field in lists.items(r, "fields") if field.values["subject"] == "deal"
    )


def proposed_pipeline(r: Asks, path: Path, mapping: Mapping) -> str:
    """The mapping's pipeline; else the one that has most of these stages; else a new one."""
    if mapping.pipeline:
        return mapping.pipeline
    known = pipelines.pipelines(r)
    wanted = {key(rule.stage) for rule in mapping.stages}
    for pipeline in known:
        names = {key(stage.name) for stage in pipelines.stages(r, pipeline.id)}
        if wanted and len(wanted & names) * 2 >= len(wanted):
            return pipeline.name
    if not known:
        return tr("Sales")
    words = clean(path.stem.replace("_", " ").replace("-", " "))
    return words[:1].upper() + words[1:] or known[0].name


def lines_of(table: Table, mapping: Mapping) -> list[Line]:
    """The lines, in the order of the file's columns; constants last."""
    addresses = table.addresses()
    places = check_columns(mapping, table)
    lines: list[tuple[int, int, Line]] = []
    used: set[int] = set()
    for rank, (name, found) in enumerate(places.items()):
        used.update(found)
        columns = tuple(addresses[place] for place in found)
        lines.append((found[-1], -len(found) * 100 + rank, Line(
            columns, name, example_of(table, found, joiner_of(name))
        )))  # fmt: skip
    for place, address in enumerate(addresses):
        if place not in used:
            lines.append((place, 0, Line((address,), None, example_of(table, (place,), " "))))
    lines.sort(key=lambda one: one[:2])
    constants = [Line((), name, "", text) for name, text in mapping.constants.items()]
    return [line for _, _, line in lines] + constants


def example_of(table: Table, places: Sequence[int], joiner: str) -> str:
    """The first row's cells that these columns join, or the first that are not empty."""
    for _, cells in table.rows[:200]:
        parts = [cells[place].strip() for place in places if cells[place].strip()]
        if parts:
            return joiner.join(parts)[:200]
    return ""


def with_field(mapping: Mapping, line: Line, name: str | None) -> Mapping:
    """The mapping with another field (or none) fed by what the line shows."""
    columns, constants = dict(mapping.columns), dict(mapping.constants)
    for field in (line.field, name):
        if field is not None:
            columns.pop(field, None)
            constants.pop(field, None)
    if name is not None:
        if line.columns:
            columns[name] = line.columns
        else:
            constants[name] = line.constant or ""
    return _restaged(replace(mapping, columns=columns, constants=constants), mapping)


def with_columns(mapping: Mapping, name: str, joined: Sequence[str]) -> Mapping:
    """The mapping with ``joined`` columns feeding the field; without any it is not fed."""
    columns, constants = dict(mapping.columns), dict(mapping.constants)
    constants.pop(name, None)
    columns.pop(name, None)
    if joined:
        columns[name] = tuple(joined)
    return _restaged(replace(mapping, columns=columns, constants=constants), mapping)


def with_constant(mapping: Mapping, name: str, text: str) -> Mapping:
    """The mapping with a fixed value for a field, which no column feeds then."""
    columns = {field: found for field, found in mapping.columns.items() if field != name}
    changed = replace(mapping, columns=columns, constants={**mapping.constants, name: text})
    return _restaged(changed, mapping)


def _restaged(mapping: Mapping, before: Mapping) -> Mapping:
    """Without stages when other columns feed the stage now: ``settled`` finds them anew."""
    same = mapping.columns.get("stage") == before.columns.get("stage")
    return mapping if same else replace(mapping, stages=())


def settled(table: Table, mapping: Mapping) -> Mapping:
    """The mapping with rules for its stages when it has none; all rows are looked at."""
    if mapping.stages or mapping.kind not in STAGED or "stage" not in mapping.columns:
        return mapping
    rules = stage_rules(_stage_values(table, mapping))
    if mapping.kind == "moves":
        rules = [rule for rule in rules if rule.kind]
    return replace(mapping, stages=tuple(rules), stages_guessed=True)


def stage_rows(table: Table, mapping: Mapping) -> list[StageRule]:
    """A rule for each value of the stage column: those of the mapping in their order, others where
    the import would put them; all rows are looked at."""
    rules = list(mapping.stages)
    if mapping.kind not in STAGED:
        return []
    known = {key(rule.value) for rule in rules}
    fresh = [
        StageRule(value, value, None)
        for value in _stage_values(table, mapping)
        if key(value) not in known
    ]
    still = [rule for rule in rules if rule.kind not in ("won", "lost")]
    ended = [rule for rule in rules if rule.kind in ("won", "lost")]
    return [*still, *fresh, *ended]


def _stage_values(table: Table, mapping: Mapping) -> list[str]:
    """The different values of the stage column, as they appear; at most ``MOST_STAGES``."""
    places = check_columns(mapping, table).get("stage", ())
    joiner = joiner_of("stage")
    found: dict[str, str] = {}
    seen: set[tuple[str, ...]] = set()
    for _, cells in table.rows:
        parts = tuple(cells[at] for at in places)
        if parts in seen or len(found) >= MOST_STAGES:
            continue
        seen.add(parts)
        text = clean(joiner.join(part.strip() for part in parts if part.strip()))
        if text:
            found.setdefault(key(text), text)
    return list(found.values())


def offered_fields(kind: Kind, mapping: Mapping, own: Sequence[str]) -> list[str]:
    """Fields that a column may feed; for deals the workspace's own ones too."""
    extra = dict.fromkeys([*own, *mapping.own_fields]) if kind == "deals" else {}
    return [*FIELDS[kind], *extra]
