"""The three-way merge, field by field: before (agreed), ours, theirs. Pure.

Where one end alone changed a field, its value goes to the other. Where both changed it to different
values, the field's rule decides; ``ask`` leaves both as they are until a person has decided. Rules
are settings (``docs/sync.md`` has them in prose); nothing is ever overwritten without one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from salesdesk.services.sync import carried
from salesdesk.services.sync.remote import Entity, Value

#: ``closed``: a closed stage beats an open one, else ask. ``both``: all of both lists. ``done``:
#: what is done stays done. ``moves``: the union of two texts of ``carried``.
Rule = Literal["ask", "ours", "theirs", "closed", "both", "done", "moves"]
#: The rules as delivered; what is not named here asks.
RULES: Mapping[tuple[Entity, str], Rule] = {
    ("deal", "stage"): "closed",
    ("deal", "amount"): "ask",
    ("deal", "expected_day"): "ask",
    ("deal", "owner"): "theirs",
    ("deal", "company"): "theirs",
    ("deal", "contact"): "theirs",
    ("deal", "created_at"): "theirs",
    ("deal", "moves"): "moves",
    ("company", "owner"): "theirs",
    ("company", "phones"): "both",
    ("company", "emails"): "both",
    ("contact", "owner"): "theirs",
    ("contact", "company"): "theirs",
    ("contact", "phones"): "both",
    ("contact", "emails"): "both",
    ("task", "owner"): "theirs",
    ("task", "done"): "done",
    ("task", "due_at"): "theirs",
    ("task", "deal"): "theirs",
    ("note", "text"): "theirs",
    ("note", "at"): "theirs",
}


#: Rules that give up what one of the ends has.
_GIVES_UP: tuple[Rule, ...] = ("ours", "theirs", "closed")
_NOTHING: tuple[Value, ...] = (None, "", ())


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that both ends changed, for a person to decide."""

    field: str
    before: Value
    ours: Value
    theirs: Value


@dataclass(frozen=True, slots=True)
class Merged:
    """What goes where. ``agreed`` is the state once ``send`` arrived and ``take`` was taken over;
    a clash leaves its field there as it was. ``ruled``: fields that both ends changed, where a rule
    gave one of the values up."""

    send: Mapping[str, Value]
    take: Mapping[str, Value]
    clashes: tuple[Clash, ...]
    agreed: Mapping[str, Value]
    ruled: tuple[Clash, ...] = ()


def same(one: Value, other: Value) -> bool:
    """Whether two values of a field are one: nothing is nothing, however it is written."""
    return one == other or (one in _NOTHING and other in _NOTHING)


def merge(
    entity: Entity,
    before: Mapping[str, Value],
    ours: Mapping[str, Value],
    theirs: Mapping[str, Value],
    closed: Callable[[Value], bool],
    rules: Mapping[tuple[Entity, str], Rule] = RULES,
) -> Merged:
    """Merge the fields that both ends hold. ``closed`` says whether a stage (of the other end's
    keys) is won or lost. A pipeline goes with its stage."""
    send: dict[str, Value] = {}
    take: dict[str, Value] = {}
    agreed: dict[str, Value] = dict(before)
    clashes: list[Clash] = []
    ruled: list[Clash] = []
    for name in sorted(ours.keys() & theirs.keys() - {"pipeline"}):
        was, mine, other = before.get(name), ours[name], theirs[name]
        found = _decide(entity, name, was, mine, other, closed, rules)
        if isinstance(found, Clash):
            clashes.append(found)
            continue
        value = found[0]
        if rules.get((entity, name)) in _GIVES_UP and _differ(was, mine, other):
            ruled.append(Clash(name, was, mine, other))
        agreed[name] = value
        if not same(value, other):
            send[name] = value
        if not same(value, mine):
            take[name] = value
    _with_pipeline(send, take, agreed, ours, theirs)
    return Merged(send, take, tuple(clashes), agreed, tuple(ruled))


def _differ(*values: Value) -> bool:
    """Whether each of these values is another one."""
    return not any(same(one, other) for one, other in combinations(values, 2))


def _decide(
    entity: Entity,
    name: str,
    was: Value,
    mine: Value,
    other: Value,
    closed: Callable[[Value], bool],
    rules: Mapping[tuple[Entity, str], Rule],
) -> tuple[Value] | Clash:
    rule = rules.get((entity, name), "ask")
    if rule == "moves":  # only ever grows: a line that is not understood here is another seat's
        return (carried.recent(carried.joined(str(mine or ""), str(other or ""))),)
    if same(mine, other):
        return (other,)
    if same(other, was):
        return (mine,)
    if same(mine, was):
        return (other,)
    if rule == "both" and isinstance(mine, tuple) and isinstance(other, tuple):
        return ((*mine, *(each for each in other if each not in mine)),)
    if rule == "done":
        return (bool(mine or other),)
    if rule == "closed" and closed(mine) != closed(other):
        return (mine if closed(mine) else other,)
    if rule in ("ours", "theirs"):
        return (mine if rule == "ours" else other,)
    return Clash(name, was, mine, other)


def _with_pipeline(
    send: dict[str, Value],
    take: dict[str, Value],
    agreed: dict[str, Value],
    ours: Mapping[str, Value],
    theirs: Mapping[str, Value],
) -> None:
    """A stage is one of its pipeline: the two go together."""
    if "pipeline" not in ours or "pipeline" not in theirs:
        return
    if "stage" in send:
        send["pipeline"] = agreed["pipeline"] = ours["pipeline"]
    elif "stage" in take:
        take["pipeline"] = agreed["pipeline"] = theirs["pipeline"]
    elif ours["pipeline"] == theirs["pipeline"]:
        agreed["pipeline"] = ours["pipeline"]
