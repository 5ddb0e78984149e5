"""Which of ours is probably which at the other end: by name, by meaning, by order. A proposal; an
administrator corrects it before anything is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from salesdesk import names
from salesdesk.services import people, pipelines
from salesdesk.services.lists import items
from salesdesk.services.records import Asks
from salesdesk.services.sync.remote import FarPipeline, FarStage, Structure

What = Literal["pipeline", "stage", "person", "lost_reason"]
#: Why two are thought to be one.
Why = Literal["email", "name", "meaning", "order", "none"]
_ALIKE = 82


@dataclass(frozen=True, slots=True)
class Own:
    """One of ours; ``within`` is the pipeline of a stage, ``kind`` its kind."""

    what: What
    id: int
    name: str
    email: str | None = None
    within: int = 0
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """One of ours and what it is at the other end; "" where nothing fits."""

    own: Own
    far_id: str
    far_name: str
    why: Why


def ours(r: Asks) -> list[Own]:
    """Everything that is mapped, in its order."""
    found = [Own("person", one.id, one.name, one.email) for one in people.people(r)]
    for pipeline in pipelines.pipelines(r):
        found.append(Own("pipeline", pipeline.id, pipeline.name))
        found += [
            Own("stage", stage.id, stage.name, None, pipeline.id, stage.kind)
            for stage in pipelines.stages(r, pipeline.id)
        ]
    found += [Own("lost_reason", one.id, one.name) for one in items(r, "lost_reasons")]
    return found


def propose(own: Sequence[Own], structure: Structure) -> list[Pair]:
    """A far one for each of ours; none is given twice within a kind (reasons may be)."""
    pairs = _people([one for one in own if one.what == "person"], structure)
    pairs += _pipelines([one for one in own if one.what == "pipeline"], structure.pipelines)
    far = {pair.own.id: pair.far_id for pair in pairs if pair.own.what == "pipeline"}
    by_id = {one.far_id: one for one in structure.pipelines}
    for pipeline, far_id in far.items():
        stages = [one for one in own if one.what == "stage" and one.within == pipeline]
        found = by_id[far_id].stages if far_id in by_id else ()
        pairs += _stages(stages, found)
    reasons = [one for one in own if one.what == "lost_reason"]
    pairs += _named(reasons, structure.lost_reasons, once=False)
    return pairs


def chosen(pair: Pair, far_id: str, structure: Structure) -> Pair:
    """The pair with another far one, as a person corrects it."""
    return Pair(pair.own, far_id, names_of(structure)[pair.own.what].get(far_id, ""), "none")


def names_of(structure: Structure) -> dict[What, dict[str, str]]:
    """Names of everything at the other end, by kind and key."""
    return {
        "pipeline": {one.far_id: one.name for one in structure.pipelines},
        "stage": {stage.far_id: stage.name for one in structure.pipelines for stage in one.stages},
        "person": {one.far_id: one.name for one in structure.people},
        "lost_reason": dict(structure.lost_reasons),
    }


def _people(own: Sequence[Own], structure: Structure) -> list[Pair]:
    by_email = {names.key(one.email): one for one in structure.people if one.email}
    found: dict[int, Pair] = {}
    taken: set[str] = set()
    for one in own:
        there = by_email.get(names.key(one.email)) if one.email else None
        if there is not None and there.far_id not in taken:
            found[one.id] = Pair(one, there.far_id, there.name, "email")
            taken.add(there.far_id)
    rest = [one for one in own if one.id not in found]
    left = {one.far_id: one.name for one in structure.people if one.far_id not in taken}
    for pair in _named(rest, left):
        found[pair.own.id] = pair
    return [found[one.id] for one in own]


def _pipelines(own: Sequence[Own], far: Sequence[FarPipeline]) -> list[Pair]:
    found = {pair.own.id: pair for pair in _named(own, {one.far_id: one.name for one in far})}
    taken = {pair.far_id for pair in found.values()}
    left = [one for one in far if one.far_id not in taken]
    if not any(taken - {""}) and own and left:  # none by name: the first is the main one
        first = next((one for one in left if one.main), left[0])
        found[own[0].id] = Pair(own[0], first.far_id, first.name, "order")
    return [found[one.id] for one in own]


def _stages(own: Sequence[Own], far: Sequence[FarStage]) -> list[Pair]:
    """Stages of one kind alone fit each other: by name, then won and lost by their meaning, then
    open ones in their order."""
    found: dict[int, Pair] = {}
    for kind in ("open", "won", "lost"):
        here = [one for one in own if one.kind == kind]
        there = [one for one in far if one.kind == kind]
        pairs = _named(here, {one.far_id: one.name for one in there})
        taken = {pair.far_id for pair in pairs}
        left = [one for one in there if one.far_id not in taken]
        for pair in pairs:
            found[pair.own.id] = pair
            if not pair.far_id and left and kind != "open":
                found[pair.own.id] = Pair(pair.own, left[0].far_id, left[0].name, "meaning")
                del left[0]
        if kind == "open":
            found |= _in_order([found[one.id] for one in here], there)
    return [found[one.id] for one in own]


def _in_order(pairs: Sequence[Pair], far: Sequence[FarStage]) -> Mapping[int, Pair]:
    """Open stages without a namesake take what lies free between those of their neighbours."""
    places = {one.far_id: place for place, one in enumerate(far)}
    taken = {places[pair.far_id] for pair in pairs if pair.far_id}
    found: dict[int, Pair] = {}
    last = -1
    for at, pair in enumerate(pairs):
        if pair.far_id:
            last = places[pair.far_id]
            continue
        following = next((places[one.far_id] for one in pairs[at + 1 :] if one.far_id), len(far))
        free = next((p for p in range(last + 1, following) if p not in taken), None)
        if free is not None:
            taken.add(free)
            last = free
            found[pair.own.id] = Pair(pair.own, far[free].far_id, far[free].name, "order")
    return found


def _named(own: Sequence[Own], far: Mapping[str, str], *, once: bool = True) -> list[Pair]:
    """By name: the most alike first."""
    from rapidfuzz import fuzz

    scores = sorted(
        (
            (-fuzz.token_sort_ratio(names.folded(one.name), names.folded(name)), place, far_id)
            for place, one in enumerate(own)
            for far_id, name in far.items()
        )
    )
    found: dict[int, str] = {}
    taken: set[str] = set()
    for score, place, far_id in scores:
        if -score >= _ALIKE and place not in found and not (once and far_id in taken):
            found[place] = far_id
            taken.add(far_id)
    return [
        Pair(one, found.get(place, ""), far.get(found.get(place, ""), ""),
             "name" if place in found else "none")
        for place, one in enumerate(own)
    ]  # fmt: skip
