"""What must hold once the world of ``simulation`` has come to rest."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from salesdesk.services.sync import local, maps
from salesdesk.services.sync.local import Local
from salesdesk.services.sync.maps import Link, Maps
from salesdesk.services.sync.merge import RULES
from salesdesk.services.sync.remote import ENTITIES, Entity, Value
from tests.sync.simulation_laptops import Laptop
from tests.sync.simulation_truth import PORTAL, TITLE, Move, Scene, token_of

#: Kinds of objects that the simulation makes.
KINDS: tuple[Entity, ...] = ("company", "deal", "task", "note")
#: Told when an object is made, or a history of its own (``moves``).
_APART = frozenset({"created_at", "moves"})
#: A line of a protocol: stage, moment, mover, responsible person.
Counted = tuple[str, int, int | None, int | None]


def check(world: Scene) -> None:
    """Raise ``LawBroken`` for the first law that does not hold."""
    for law, found in (
        ("causality", early(world)),
        ("identity", doubles(world)),
        ("losses", missing(world)),
        ("convergence", differences(world)),
        ("updates", lost_updates(world)),
        ("updates", lost_here(world)),
        ("done", reopened(world)),
        ("moves", miscounted(world)),
        ("points", unequal(world)),
    ):
        for what in found:
            raise world.broken(law, what)


def early(world: Scene) -> Iterator[str]:
    """Objects that reached the portal before what they refer to."""
    yield from world.truth.early


def doubles(world: Scene) -> Iterator[str]:
    """Objects that are somewhere twice, by their true identity."""
    for entity in KINDS:
        rows = world.portal.table(entity).values()
        for token, count in Counter(token_of(row.fields[TITLE[entity]]) for row in rows).items():
            if count > 1:
                yield f"{token} is {count} times in the portal"
        for one in world.laptops:
            for token, count in Counter(_tokens(one, entity)).items():
                if count > 1:
                    yield f"{token} is {count} times at {one.name}"


def missing(world: Scene) -> Iterator[str]:
    """Objects that are not everywhere, though nobody deleted, merged or took them back."""
    truth = world.truth
    for token, entity in truth.made.items():
        if token in truth.taken_back | truth.merged | truth.removed:
            continue
        if entity in ("task", "note") and _of_gone_deal(world, entity, token):
            continue
        rows = world.portal.table(entity).values()
        if token not in {token_of(row.fields[TITLE[entity]]) for row in rows}:
            yield f"{token} is not in the portal"
        for one in world.laptops:
            if token not in _tokens(one, entity):
                yield f"{token} is not at {one.name}"


def _of_gone_deal(world: Scene, entity: Entity, token: str) -> bool:
    """Whether a task or a note belongs to a deal that is not everywhere."""
    gone = world.truth.removed | world.truth.taken_back
    for one in world.laptops:
        for title, deal in one.rows(
            f"SELECT x.{TITLE[entity]}, d.title FROM {entity} x JOIN deal d ON d.id = x.deal_id"
        ):
            if token_of(title) == token and token_of(deal) in gone:
                return True
    return False


def _tokens(one: Laptop, entity: Entity) -> list[str]:
    table = "client" if entity == "company" else entity
    rows = one.rows(f"SELECT {TITLE[entity]} FROM {table} WHERE deleted_at IS NULL")
    return [token_of(row[0]) for row in rows]


def differences(world: Scene) -> Iterator[str]:
    """Fields of linked objects that differ between a laptop and the portal, and rows of the queue
    that stay."""
    for one in world.laptops:
        for row in one.rows("SELECT entity, local_id, state FROM sync_queue "
                            "WHERE state <> 'discarded'"):  # fmt: skip
            yield f"{one.name} still keeps {row} in its queue"
        for entity in ENTITIES:
            yield from _differing(world, one, entity)


def _differing(world: Scene, one: Laptop, entity: Entity) -> Iterator[str]:
    there = world.portal.table(entity)
    with one.store.read() as r:
        remote = r.value("SELECT id FROM sync_remote")
        mapping: Maps = maps.load(r, remote)
        linked = "SELECT local_id FROM sync_link WHERE entity = ? AND state = 'linked'"
        keys = [row[0] for row in r.rows(linked, (entity,))]
        links: dict[int, Link] = maps.links_of(r, remote, entity, keys)
        found: dict[int, Local] = local.records(r, remote, mapping, entity, keys)
    for key, link in links.items():
        own = found[key]
        if own.deleted:
            continue
        token = token_of(own.fields[TITLE[entity]])
        if link.far_id not in there:
            yield f"{one.name}: {token} is linked to {link.far_id}, which is not there"
            continue
        far = there[link.far_id].fields
        held = one.remote.as_held(entity, own.fields)
        for name in held.keys() & far.keys() - _APART:
            if held[name] != far[name]:
                yield f"{token}.{name}: {one.name} has {held[name]!r}, the portal {far[name]!r}"


def lost_updates(world: Scene) -> Iterator[str]:
    """Values that are nowhere any more, though nobody replaced them knowingly, no person was shown
    a conflict about them and no rule of ``docs/sync.md`` decides; and values of nobody."""
    truth = world.truth
    final = _final(world)
    written = defaultdict(set)
    for write in truth.writes:
        written[write.token, write.field].add(write.value)
    for write in truth.writes:
        place = (write.token, write.field)
        if place not in final or write.token in truth.merged | truth.removed:
            continue
        if final[place] not in written[place] and final[place] is not None:
            yield f"{write.token}.{write.field} is {final[place]!r}, which nobody wrote"
        if RULES.get((write.entity, write.field), "ask") != "ask":
            continue
        mark = (*place, write.value)
        if final[place] != write.value and mark not in truth.replaced | truth.shown:
            yield (f"{write.by} wrote {write.token}.{write.field} = {write.value!r}; it is "
                   f"{final[place]!r} now and nobody was asked")  # fmt: skip


def lost_here(world: Scene) -> Iterator[str]:
    """Values of a deal that was deleted in the portal: what a laptop wrote stays at that laptop,
    unless somebody replaced it knowingly or was shown a conflict about it."""
    truth = world.truth
    for one in world.laptops:
        for key, title in one.rows("SELECT id, title FROM deal WHERE deleted_at IS NULL"):
            token = token_of(title)
            if token not in truth.removed:
                continue
            for write in truth.writes:
                if (write.token, write.by) != (token, one.name):
                    continue
                value = world.local(one, "deal", key, write.field)
                mark = (token, write.field, write.value)
                held = world.held("deal", write.field, value)
                if held != write.value and mark not in truth.replaced | truth.shown:
                    yield f"{one.name} wrote {mark}; it is {held!r} there now"


def _final(world: Scene) -> dict[tuple[str, str], Value]:
    """The values in the portal by true identity and field."""
    found: dict[tuple[str, str], Value] = {}
    for entity in KINDS:
        for row in world.portal.table(entity).values():
            token = token_of(row.fields[TITLE[entity]])
            if token not in world.truth.taken_back:
                found |= {(token, name): value for name, value in row.fields.items()}
    return found


def reopened(world: Scene) -> Iterator[str]:
    """Tasks that were done and are open again."""
    for row in world.portal.table("task").values():
        token = token_of(row.fields["title"])
        if token in world.truth.done and not row.fields.get("done"):
            yield f"{token} was done and is open in the portal"


# -- moves ----------------------------------------------------------------------------------------


def miscounted(world: Scene) -> Iterator[str]:
    """Moves that do not count exactly once everywhere, from their true moment."""
    truth = world.truth
    of_deal: dict[str, list[Move]] = defaultdict(list)
    for move in truth.moves:
        of_deal[move.deal].append(move)
    for token, moves in of_deal.items():
        if token in truth.taken_back | truth.removed:
            continue
        for one in world.laptops:
            yield from _miscounted(world, one, token, moves)


def _miscounted(world: Scene, one: Laptop, token: str, moves: list[Move]) -> Iterator[str]:
    counted = protocol(one, token)
    times = Counter((stage, at) for stage, at, _, _ in counted)
    quiet = is_chain(moves) and (token, "stage") not in world.truth.clashed
    for move in moves:
        key = (move.stage, move.at)
        same = sum((other.stage, other.at) == key and not other.undone for other in moves)
        nobodys = world.truth.decided[token, move.stage] + (not quiet and _holds(counted, key))
        same += nobodys
        if move.undone:
            if times[key] > same:
                yield f"{token} to {move.stage} by {move.by} was undone and counts at {one.name}"
            continue
        if times[key] > same:
            yield f"{token} to {move.stage} by {move.by} counts {times[key]} times at {one.name}"
        exact = move.by != PORTAL or quiet
        if exact and not (times[key] or _stood(move, counted) or _was_none(world, move)):
            yield (f"{token} to {move.stage} at {move.at} by {move.by} does not count at "
                   f"{one.name}: {counted}")  # fmt: skip
        if not nobodys:
            yield from _wrong_person(one, moves, move, counted)
    standing = Counter((move.stage, move.at) for move in moves if not move.undone)
    if quiet and times - standing:
        yield f"{one.name} counts moves of {token} that nobody made: {dict(times - standing)}"


def _was_none(world: Scene, move: Move) -> bool:
    """Whether it became no move where it was made, by somebody's earlier one: it travels no more,
    though elsewhere the other one may come to nothing."""
    return any(
        _stood(move, protocol(one, move.deal)) for one in world.laptops if one.name == move.by
    )


def _holds(counted: list[Counted], key: tuple[str, int]) -> bool:
    """Whether the last line has this stage and moment: where two moved a deal without knowing of
    each other it may be the one that holds it where both ends agree."""
    return bool(counted) and counted[-1][:2] == key


def _stood(move: Move, counted: list[Counted]) -> bool:
    """Whether the deal stood in that stage already, by somebody else's earlier move: then it is
    no move (promise of the ranking: who was first moved it). What has the same moment may have come
    after it."""
    before = [stage for stage, at, _, _ in counted if at < move.at]
    return before[-1:] == [move.stage]


def _wrong_person(
    one: Laptop, moves: list[Move], move: Move, counted: list[Counted]
) -> Iterator[str]:
    if move.by == PORTAL:
        return
    token, key = move.deal, (move.stage, move.at)
    same = [other for other in moves if (other.stage, other.at) == key]
    if any(other.by == PORTAL for other in same):  # one of them is nobody's
        return
    movers = {one.keys.people[other.by] for other in same}
    owners = {other.owner for other in same}
    for stage, at, mover, owner in counted:
        if (stage, at) != key:
            continue
        if mover not in movers:
            yield f"{token} to {stage} was moved by {movers}, not {mover}, says {one.name}"
        if owner not in owners:
            yield f"{token} to {stage} was that of {owners}, not {owner}, says {one.name}"


def protocol(one: Laptop, token: str) -> list[Counted]:
    """The moves of a deal that count at a laptop: stage, moment, mover, responsible."""
    stages = {key: far for far, key in one.keys.stages.items()}
    return [
        (stages[stage], at, mover, owner)
        for title, stage, at, mover, owner in one.rows(
            "SELECT d.title, m.to_stage_id, m.at, m.mover_id, coalesce(m.owner_id, d.owner_id) "
            "FROM stage_move m JOIN deal d ON d.id = m.deal_id WHERE d.deleted_at IS NULL "
            "AND m.undone = 0 AND m.superseded = 0 ORDER BY m.at, m.seq"
        )
        if token_of(title) == token
    ]


def unequal(world: Scene) -> Iterator[str]:
    """Deals that earn other points at one laptop than at the next one, or are ruled upon
    otherwise."""
    truth = world.truth
    found = [(one.name, _reached(one), _ruled(one)) for one in world.laptops]
    for token in {move.deal for move in truth.moves} - truth.taken_back - truth.removed:
        for (name, mine, ruled), (other, theirs, their_ruled) in pairwise(found):
            if ruled[token] != their_ruled[token]:
                yield (f"{token} is ruled upon {ruled[token]} at {name}, "
                       f"{their_ruled[token]} at {other}")  # fmt: skip
            if mine[token] != theirs[token]:
                yield f"{token} earns {mine[token]} at {name}, {theirs[token]} at {other}"


def _reached(one: Laptop) -> dict[str, dict[int, int | None]]:
    """The stages that deals have reached, and to whom a ruling credited them. Who was responsible
    with a move that was made in the portal its history does not tell (``miscounted`` looks at the
    others)."""
    found: dict[str, dict[int, int | None]] = defaultdict(dict)
    for title, stage, person in one.rows(
        "SELECT d.title, r.stage_id, iif(r.credited, r.person_id, NULL) FROM reach r "
        "JOIN deal d ON d.id = r.deal_id "
        "WHERE d.deleted_at IS NULL"
    ):
        found[token_of(title)][stage] = person
    return found


def _ruled(one: Laptop) -> dict[str, set[tuple[Any, ...]]]:
    """The rulings that were not taken back, by deal; the keys of all laptops are the same."""
    found: dict[str, set[tuple[Any, ...]]] = defaultdict(set)
    for title, *ruling in one.rows(
        "SELECT d.title, u.stage_id, u.at, u.kind, u.person_id, u.reason FROM reach_ruling u "
        "JOIN deal d ON d.id = u.deal_id WHERE u.undone = 0"
    ):
        found[token_of(title)].add(tuple(ruling))
    return found


def is_chain(moves: list[Move]) -> bool:
    """Whether everybody who moved a deal knew all its moves so far."""
    before: Move | None = None
    for move in moves:
        if move.undone or move.after is not before:
            return False
        before = move
    return True
