"""A mapping for a file that was not seen before, from its headings and values.

Every field of a kind is tried on every column: by the heading (``hints``), checked by what the
values look like. The kind whose fields are found best is the kind of the file. Works for any CRM or
event log that names its columns in English or Russian, and knows the exports of amoCRM and
Bitrix24 by theirs.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from salesdesk.names import key
from salesdesk.services.exchange.fields import FIELDS, KINDS, REQUIRED, Kind, joiner_of
from salesdesk.services.exchange.headings import Profile, is_filled, profiles
from salesdesk.services.exchange.hints import (
    AMOCRM,
    BITRIX24,
    HINTS,
    IGNORED,
    NAME_PARTS,
    NAME_PREFIXES,
    PRODUCTS,
    SUBJECTS,
)
from salesdesk.services.exchange.hintwords import Hint, Look
from salesdesk.services.exchange.mapping import Mapping, StageKindText, StageRule, is_near
from salesdesk.services.exchange.numbers import currency_code
from salesdesk.services.exchange.stagenames import kind_of_stage, stage_rules
from salesdesk.services.exchange.table import Table

_LEAST = 0.45
_MOST_STAGES = 60
_STATUS_WORDS = ("status", "статус", "state", "состояние")
_STAGE_GROUPS = ("группа стадий", "stage group", "deal stage group", "stage semantic id")
_WON_GROUPS = frozenset(("успех", "успешна", "сделка успешна", "success", "s", "won"))
_LOST_GROUPS = frozenset(("провал", "провалена", "сделка провалена", "failure", "f", "lost"))


_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?").fullmatch

#: The columns that feed each field, and how sure that is.
Places = dict[str, tuple[tuple[Profile, ...], float]]


@dataclass(frozen=True, slots=True)
class Guess:
    """A proposal: the mapping, how sure each field is (0..1), and whose export this looks like.

    ``recognised`` is ``amocrm``, ``bitrix24`` or ``generic``; ``score`` is how well the kind fits
    (for comparing kinds), ``missing`` names fields that the kind needs and no column feeds.
    """

    mapping: Mapping
    confidence: dict[str, float]
    recognised: str
    score: float
    missing: tuple[str, ...] = field(default=())


def guess_mapping(table: Table, kind: Kind | None = None, pipeline: str | None = None) -> Guess:
    """Propose a mapping for ``table``, of the ``kind`` given or of the one that fits best.

    All rows go into the ``pipeline`` given: a column that names pipelines is not used then.
    """
    columns = profiles(table)
    if kind is None:
        guesses = [_guess(table, columns, one, told=False) for one in KINDS]
        kind = max(guesses, key=lambda guess: guess.score).mapping.kind
    best = _guess(table, columns, kind, told=True)
    if not pipeline:
        return best
    kept = {name: one for name, one in best.mapping.columns.items() if name != "pipeline"}
    return replace(best, mapping=replace(best.mapping, pipeline=pipeline, columns=kept))


def with_own_fields(mapping: Mapping, table: Table, own: Iterable[str]) -> Mapping:
    """The mapping of deals with the columns that are called like an ``own`` field, and that nothing
    else has taken: so what an export wrote comes in again."""
    if mapping.kind != "deals":
        return mapping
    taken = {column for columns in mapping.columns.values() for column in columns}
    free: dict[str, list[str]] = {}
    for heading in table.headings:
        free.setdefault(key(heading), []).append(heading)
    found = {
        name: tuple(free.get(key(name), ()))
        for name in own
        if not mapping.feeds(name) and name not in FIELDS["deals"] and not is_near(name, "deals")
    }
    more = {name: one for name, one in found.items() if len(one) == 1 and one[0] not in taken}
    return replace(mapping, columns={**mapping.columns, **more})


def recognised_as(headings: Iterable[str]) -> str:
    """Whose export the folded ``headings`` are: ``amocrm``, ``bitrix24`` or ``generic``."""
    known = set(headings)
    amo, bitrix = len(known & AMOCRM), len(known & BITRIX24)
    if max(amo, bitrix) < 2:
        return "generic"
    return "amocrm" if amo >= bitrix else "bitrix24"


def _guess(table: Table, columns: list[Profile], kind: Kind, *, told: bool) -> Guess:
    """The guess for a kind; ``told`` says that the kind is settled (see ``_score_of``)."""
    origin = recognised_as(column.heading for column in columns)
    found = _assigned(columns, kind, told=told)
    if origin == "bitrix24" and kind == "deals":
        found = _bitrix(columns, found)
    places: Places = {name: ((column,), score) for name, (column, score) in found.items()}
    _add_names(columns, kind, places)
    fit = _fit(kind, places)
    if kind == "deals":
        _add_deal_parts(columns, places)
    if kind == "moves":
        _add_move_parts(columns, places)
    addresses = table.addresses()
    order = list(HINTS[kind])
    names = sorted(places, key=order.index)
    mapping = Mapping(
        kind,
        columns={name: tuple(addresses[c.place] for c in places[name][0]) for name in names},
        stages_guessed=True,
    )
    if "stage" in places:
        status = _status(columns, places) if kind == "deals" else None
        stage = places["stage"][0][0]
        if status is None:
            mapping = replace(mapping, stages=_stages(columns, stage, kind))
        else:
            joined = {**mapping.columns, "stage": (addresses[status.place], addresses[stage.place])}
            rules = _status_rules(status, stage)
            mapping = replace(mapping, columns=joined, stages=rules)
    missing = tuple(name for name in REQUIRED[kind] if name not in places)
    if kind == "deals" and not {"external_id", "title"} & set(places):
        missing = ("external_id",)
    confidence = {name: round(places[name][1], 2) for name in names}
    return Guess(mapping, confidence, origin, 0.0 if missing else fit, missing)


def _fit(kind: Kind, places: Places) -> float:
    """How well the columns found speak for this kind of file."""
    fit = sum(HINTS[kind][name].weight * score for name, (_, score) in places.items())
    if kind != "deals" or "stage" in places:
        return fit
    dated = {"created_at", "closed_at", "expected_close"} & set(places)
    return fit if "amount" in places and dated else fit * 0.4


def _assigned(
    columns: list[Profile], kind: Kind, *, told: bool
) -> dict[str, tuple[Profile, float]]:
    """The best column of each field, no column twice; surer pairs are settled first."""
    pairs = [
        (score, -rank, -column.place, name, column)
        for rank, (name, hint) in enumerate(HINTS[kind].items())
        for column in columns
        if (score := _score_of(column, name, hint, kind, told=told)) >= _LEAST
    ]
    pairs.sort(key=lambda pair: pair[:3], reverse=True)
    found: dict[str, tuple[Profile, float]] = {}
    used: set[int] = set()
    for score, _, _, name, column in pairs:
        if name not in found and column.place not in used:
            found[name] = (column, score)
            used.add(column.place)
    return found


def _score_of(column: Profile, name: str, hint: Hint, kind: Kind, *, told: bool) -> float:
    """How sure it is that ``column`` feeds the field ``name``.

    Called exactly like a field, it is that field's whatever it holds: its rows that cannot be read
    are refused one by one, and not the whole column silently. For dates and numbers that holds from
    the start. How often other values occur tells the kinds of files apart: such a column is kept
    against its looks only once the kind is ``told``, and gives way to one that fits better; but
    where each row has one, what the file itself calls their key is their key.
    """
    own = column.heading.replace(" ", "_")
    if own in FIELDS[kind] and own != name:
        return 0.0
    is_key = told and name == "external_id" and column.filled == len(column.values)
    if own == name and column.filled and (is_key or hint.look in ("date", "number")):
        return 1.0
    score = _score(column, hint, kind)
    return max(score, 0.5) if own == name and told else score


def _score(column: Profile, hint: Hint, kind: Kind) -> float:
    """How sure it is that ``column`` feeds the field of ``hint``: by its heading, then values."""
    if column.heading in IGNORED:
        return 0.0
    score = max(
        (_heading_score(heading, hint) - loss for heading, loss in _variants(column.heading, kind)),
        default=0.0,
    )
    return score * column.likeness(hint.look) if score >= _LEAST else 0.0


def _variants(heading: str, kind: Kind) -> list[tuple[str, float]]:
    """The heading, and what is left of it without the word for the row (``deal amount``) or the
    currency (``price usd``)."""
    variants = [(heading, 0.0)]
    shorter, _, last = heading.rpartition(" ")
    if shorter and currency_code(last):
        variants.append((shorter, 0.03))
    for subject in SUBJECTS[kind]:
        if heading.startswith(subject + " "):
            variants.append((heading[len(subject) + 1 :], 0.03))
        elif heading.endswith(" " + subject):
            variants.append((heading[: -len(subject) - 1], 0.03))
    return variants


def _heading_score(heading: str, hint: Hint) -> float:
    if heading in hint.names:
        return 1.0 - 0.008 * hint.names.index(heading)
    words = heading.split()
    if any(word.startswith(stem) for word in words for stem in hint.never):
        return 0.0
    for rank, stems in enumerate(hint.stems):
        wanted = stems.split()
        if all(any(word.startswith(stem) for word in words) for stem in wanted):
            extra = max(0, len(words) - len(wanted))
            return max(0.5, 0.78 - 0.02 * rank - 0.04 * extra)
    return 0.0


def _bitrix(
    columns: list[Profile], found: dict[str, tuple[Profile, float]]
) -> dict[str, tuple[Profile, float]]:
    """Bitrix24 names fields its own way: ``OPPORTUNITY`` is the amount, a category a pipeline."""
    own = {
        "opportunity": "amount",
        "stage id": "stage",
        "category id": "pipeline",
        "assigned by id": "owner",
        "assigned by": "owner",
        "responsible": "owner",
        "title": "title",
        "closedate": "expected_close",
        "begindate": "",
        "date create": "created_at",
        "created time": "created_at",
        "moved time": "stage_entered_at",
    }
    headings = {column.heading: column for column in reversed(columns)}
    for heading, name in own.items():
        column = headings.get(heading)
        if column is None:
            continue
        if name != "closed_at" and found.get("closed_at", (None,))[0] is column:
            del found["closed_at"]
        for other in [other for other, (taken, _) in found.items() if taken is column]:
            if other != name:
                del found[other]
        if name and (name not in found or found[name][1] < 1):
            found[name] = (column, 1.0)
    return found


def _add_names(columns: list[Profile], kind: Kind, places: Places) -> None:
    """A person's name in parts: ``Контакт: Имя``, ``Контакт: Фамилия``; ``First name``, ``Last
    name``."""
    headings = {column.heading: column for column in reversed(columns)}
    for name, prefixes in NAME_PREFIXES.items():
        known = places.get(name)
        if name == "name" and kind not in ("people", "contacts"):
            continue
        if name not in HINTS[kind] or (known and known[1] > 0.9 and name != "name"):
            continue
        for prefix in prefixes:
            parts = {
                part: column
                for part, words in NAME_PARTS.items()
                for word in words
                if (column := headings.get(f"{prefix} {word}".strip())) is not None
            }
            if "last" in parts and "first" in parts:
                chosen = tuple(parts[part] for part in ("first", "last"))
                places[name] = (chosen, 0.9)
                break
            if prefix and "first" in parts and not known:
                places[name] = ((parts["first"],), 0.7)
                break


def _add_deal_parts(columns: list[Profile], places: Places) -> None:
    used = {column.place for taken, _ in places.values() for column in taken}
    if "external_id" not in places:
        free = [c for c in columns if c.place not in used and c.looks_like_id()]
        if free:
            places["external_id"] = ((free[0],), 0.5)
    if "title" not in places:
        products = [c for c in columns if c.heading in PRODUCTS]
        parts = (*products[:1], *places.get("company", ((), 0.0))[0])
        if parts:
            places["title"] = (parts, 0.7)
    _add_closing(columns, places)


def _add_closing(columns: list[Profile], places: Places) -> None:
    """Two dates of closing (won, lost), and a date of closing that open deals have as well."""
    headings = {column.heading: column for column in columns}
    ends = [
        column
        for heading in ("deal won time", "won time", "deal lost time", "lost time")
        if (column := headings.get(heading)) is not None
    ]
    closed = places.get("closed_at")
    if len(ends) == 2 and (closed is None or closed[0][0] in ends):
        places["closed_at"] = (tuple(ends), 0.9)
        return
    stage = places.get("stage")
    if closed is None or stage is None or "expected_close" in places:
        return
    ended = {name for name in set(stage[0][0].values) if kind_of_stage(name)}
    pairs = zip(closed[0][0].values, stage[0][0].values, strict=True)
    open_dates = [text for text, name in pairs if name not in ended]
    if open_dates and 2 * sum(1 for text in open_dates if is_filled(text)) >= len(open_dates):
        places["expected_close"] = (closed[0], 0.6)


def _add_move_parts(columns: list[Profile], places: Places) -> None:
    """What no heading told of an event log: the moment, the case (repeated), the step (few)."""
    looks: tuple[tuple[str, Look], ...] = (("at", "date"), ("deal", "repeated"), ("stage", "few"))
    for name, look in looks:
        if name in places or len(columns) > 12:
            continue
        used = {column.place for taken, _ in places.values() for column in taken}
        free = [c for c in columns if c.place not in used and c.values]
        fit = [c for c in free if c.likeness(look) >= 0.9]
        if fit:
            places[name] = ((fit[0],), 0.5)
    _add_time(columns, places)


def _add_time(columns: list[Profile], places: Places) -> None:
    """The time of day in a column of its own, beside one of bare dates."""
    (at,), sure = places.get("at", ((None,), 0.0))
    used = {column.place for taken, _ in places.values() for column in taken}
    if at is None or any(":" in text for text in at.sample):
        return
    for column in columns:
        if column.place not in used and column.sample and all(map(_CLOCK, column.sample)):
            places["at"] = ((at, column), sure)
            return


def _stages(columns: list[Profile], stage: Profile, kind: Kind) -> tuple[StageRule, ...]:
    """Rules for the stages in the file; for an event log only for those that end a deal."""
    values = list(dict.fromkeys(text.strip() for text in stage.values if text.strip()))
    if len(values) > _MOST_STAGES:
        return ()
    rules = stage_rules(values, _kinds_by_group(columns, stage))
    return tuple(rules) if kind == "deals" else tuple(rule for rule in rules if rule.kind)


def _status(columns: list[Profile], places: Places) -> Profile | None:
    """A column beside the stage that alone tells won and lost deals (Pipedrive's ``Status``)."""
    stage = places["stage"][0][0]
    if any(kind_of_stage(text) for text in set(stage.values)):
        return None
    used = {column.place for taken, _ in places.values() for column in taken}
    for column in columns:
        words = column.heading.split()
        if column.place in used or not words or words[-1] not in _STATUS_WORDS:
            continue
        if 1 < column.distinct <= 5 and any(kind_of_stage(text) for text in set(column.values)):
            return column
    return None


def _status_rules(status: Profile, stage: Profile) -> tuple[StageRule, ...]:
    """Rules for the joined values ``open Demo``, ``won Demo``: the status ends a deal."""
    pairs = dict.fromkeys(
        (one.strip(), two.strip()) for one, two in zip(status.values, stage.values, strict=True)
    )
    sign = joiner_of("stage")
    named = {rule.value: rule for rule in stage_rules(two for _, two in pairs if two)}
    order = list(named)
    rules: list[StageRule] = []
    for one, two in sorted(pairs, key=lambda pair: order.index(pair[1]) if pair[1] else 0):
        value = sign.join(text for text in (one, two) if text)
        kind = kind_of_stage(one)
        if kind:
            rules.append(StageRule(value, one[:1].upper() + one[1:], kind))
        elif two:
            rules.append(replace(named[two], value=value))
    open_first = {None: 0, "open": 0, "won": 1, "lost": 2}
    return tuple(sorted(rules, key=lambda rule: open_first[rule.kind]))


def _kinds_by_group(columns: list[Profile], stage: Profile) -> dict[str, StageKindText]:
    """Kinds of stages by the column that Bitrix24 has for it (``Группа стадий``)."""
    group = next((column for column in columns if column.heading in _STAGE_GROUPS), None)
    if group is None:
        return {}
    kinds: dict[str, StageKindText] = {}
    for name, text in zip(stage.values, group.values, strict=True):
        text = text.strip().casefold()
        if text in _WON_GROUPS:
            kinds[name.strip()] = "won"
        elif text in _LOST_GROUPS:
            kinds[name.strip()] = "lost"
    return kinds
