"""The records of here in the words of the other end: what is compared, and what is sent.

Read for many records at once. A reference to a record that is not linked yet stands in ``needs``:
what it refers to goes first. What has no counterpart there is left out, and the other end keeps
what it has: people and reasons that are not mapped, a stage outside of what is synced, a client
that was deleted, here or there, or is not to be sent.
"""

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from typing import Any, Protocol

from salesdesk.moments import amount_of
from salesdesk.services.records import Asks
from salesdesk.services.sync import carried, carried_rulings
from salesdesk.services.sync.carried import CarriedMove
from salesdesk.services.sync.carried_rulings import OF_HISTORY, CarriedRuling
from salesdesk.services.sync.maps import Maps
from salesdesk.services.sync.remote import Entity, Value

#: So many hex digits of a move's uid travel with it: its random part.
MOVE_ID = 16


@dataclass(slots=True)
class Local:
    """A record of here. ``needs`` are records that it refers to and that are not linked;
    ``synced``: it belongs to what is synced; ``deleted``: it is marked so; ``own_moves``: those of
    its moves that travel and were made here; ``empty``: mapped fields in which nothing stands."""

    id: int
    uid: str
    fields: dict[str, Value]
    synced: bool = True
    deleted: bool = False
    needs: set[tuple[Entity, int]] = field(default_factory=set)
    own_moves: Set[str] = frozenset()
    empty: Set[str] = frozenset()


@dataclass(slots=True)
class Travelling:
    """The moves of a deal that travel, and the rulings on them; ``own``: the names of those that
    were made here."""

    moves: list[CarriedMove] = field(default_factory=list)
    own: set[str] = field(default_factory=set)


def records(
    a: Asks, remote_id: int, mapping: Maps, entity: Entity, ids: Iterable[int]
) -> dict[int, Local]:
    """The records with these keys; those that never were are missing."""
    keys = sorted(set(ids))
    if entity in ("company", "contact"):
        return _clients(a, remote_id, entity, keys)
    if entity == "deal":
        return _deals(a, remote_id, mapping, keys)
    if entity == "task":
        return _tasks(a, remote_id, mapping, keys)
    return _notes(a, remote_id, mapping, keys)


def _clients(a: Asks, remote_id: int, entity: Entity, keys: list[int]) -> dict[int, Local]:
    contacts: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for client, kind, value in a.rows_of(
        "SELECT client_id, kind, value FROM client_contact WHERE client_id IN ({ids}) "
        "AND deleted_at IS NULL ORDER BY client_id, position, id",
        keys,
    ):
        contacts[client][kind].append(value)
    rows = a.rows_of(
        "SELECT id, uid, name, tax_number, company_id, deleted_at IS NOT NULL FROM client "
        "WHERE kind = ? AND id IN ({ids})",
        keys,
        (entity,),
    )
    firms = _targets(a, remote_id, "company", [row[4] for row in rows])
    found = {}
    for key, uid, name, tax, firm, deleted in rows:
        fields: dict[str, Value] = {
            "name": name,
            "phones": tuple(contacts[key]["phone"]),
            "emails": tuple(contacts[key]["email"]),
        }
        one = Local(key, uid.hex(), fields, deleted=bool(deleted))
        if entity == "company":
            fields["tax_number"] = tax
        else:
            firms.refer(one, "company", firm)
        found[key] = one
    return found


def _mapped(mapping: Maps, name: str, what: str, key: int | None) -> dict[str, Value]:
    far = mapping.far_of(what, key)
    return {name: far} if far else {}


@dataclass(frozen=True, slots=True)
class _Targets:
    """What records refer to: keys of the other end, and those that will never be there."""

    entity: Entity
    known: dict[int, str]
    never: frozenset[int]

    def refer(self, one: Local, name: str, key: int | None) -> None:
        """Set a field to what a key is at the other end; what is not linked is needed first."""
        if key is None:
            one.fields[name] = ""
        elif key in self.known:
            one.fields[name] = self.known[key]
        elif key not in self.never:
            one.needs.add((self.entity, key))


def _targets(a: Asks, remote_id: int, entity: Entity, keys: Iterable[int | None]) -> _Targets:
    wanted = sorted({key for key in keys if key is not None})
    known: dict[int, str] = {}
    never: set[int] = set()
    for key, far, state in a.rows_of(
        "SELECT local_id, far_id, state FROM sync_link WHERE remote_id = ? AND entity = ? "
        "AND local_id IN ({ids})",
        wanted,
        (remote_id, entity),
    ):
        if state == "linked":
            known[key] = far
        else:
            never.add(key)
    rest = [key for key in wanted if key not in known and key not in never]
    table = "deal" if entity == "deal" else "client"
    deleted = f"SELECT id FROM {table} WHERE deleted_at IS NOT NULL AND id IN ({{ids}})"
    discarded = (
        "SELECT local_id FROM sync_queue WHERE remote_id = ? AND entity = ? "
        "AND state = 'discarded' AND local_id IN ({ids})"
    )
    never |= {row[0] for row in a.rows_of(deleted, rest)}
    never |= {row[0] for row in a.rows_of(discarded, rest, (remote_id, entity))}
    return _Targets(entity, known, frozenset(never))


def _deals(a: Asks, remote_id: int, mapping: Maps, keys: list[int]) -> dict[int, Local]:
    rows = a.rows_of(
        "SELECT id, uid, title, amount, currency, pipeline_id, stage_id, owner_id, client_id, "
        "contact_id, expected_day, lost_reason_id, created_at, deleted_at IS NOT NULL FROM deal "
        "WHERE id IN ({ids})",
        keys,
    )
    kinds: dict[int, str] = dict(
        a.rows_of("SELECT id, kind FROM client WHERE id IN ({ids})",
                  sorted({row[8] for row in rows} - {None}))
    )  # fmt: skip
    firms = _targets(
        a, remote_id, "company", [row[8] for row in rows if kinds.get(row[8]) == "company"]
    )
    of_people = {row[9] for row in rows} | {
        row[8] for row in rows if kinds.get(row[8]) == "contact"
    }
    people = _targets(a, remote_id, "contact", of_people)
    moves = moves_of(a, remote_id, mapping, keys)
    _add_rulings(a, remote_id, mapping, keys, moves)
    found = {}
    for row in rows:
        one = _deal(row, mapping, moves.get(row[0]) or Travelling())
        client, contact = row[8], row[9]
        if client is not None and kinds.get(client) == "contact":
            client, contact = None, contact or row[8]
        firms.refer(one, "company", client)
        people.refer(one, "contact", contact)
        found[row[0]] = one
    return found


def _deal(row: tuple[Any, ...], mapping: Maps, travelling: Travelling) -> Local:
    key, uid, title, amount, currency, pipeline, stage, owner = row[:8]
    fields: dict[str, Value] = {
        "title": title,
        "amount": None if amount is None else amount_of(amount),
        "currency": currency,
        **_mapped(mapping, "owner", "person", owner),
        **_stood(mapping, pipeline, stage),
        "expected_day": row[10],
        **_mapped(mapping, "lost_reason", "lost_reason", row[11]),
        "created_at": row[12],
        "moves": carried.recent(carried.text(travelling.moves)),
    }
    synced = pipeline in mapping.pipelines and stage in mapping.far.get("stage", {})
    empty = {name for name, here in (("owner", owner), ("lost_reason", row[11])) if here is None}
    return Local(
        key, uid.hex(), fields, synced=synced, deleted=bool(row[13]), own_moves=travelling.own,
        empty=empty,
    )  # fmt: skip


def _stood(mapping: Maps, pipeline: int | None, stage: int | None) -> dict[str, Value]:
    """Pipeline and stage, of a deal that stands in what is synced."""
    found = mapping.far_of("pipeline", pipeline), mapping.far_of("stage", stage)
    return {"pipeline": found[0], "stage": found[1]} if all(found) else {}


def moves_of(a: Asks, remote_id: int, mapping: Maps, deals: Iterable[int]) -> dict[int, Travelling]:
    """The moves of deals that travel: those of this seat and those that travelled here. What was
    read from the other end's own history is read there by everybody. One that was taken back after
    it had travelled goes on travelling, and says so. A move of here that has the moment of the
    one before it, whoever made that, goes a microsecond later: their order is told by their moments
    alone. What an import of deals assumed travels, too, and where it gave way to what a file told
    later it is as if taken back. What a reading of the other end assumed does not travel."""
    found: dict[int, Travelling] = defaultdict(Travelling)
    last: dict[int, int] = {}
    # The plus sign: looked up by the deal, not among everything of the connection.
    for deal, uid, stage, at, mover, owner, undone, gave_way, came, synced, travels in a.rows_of(
        "SELECT m.deal_id, m.uid, m.to_stage_id, m.at, m.mover_id, m.owner_id, m.undone, "
        "m.superseded, x.carried, m.mover_as = 'sync', x.carried IS NOT NULL "
        "OR (x.id IS NULL AND m.mover_as <> 'sync') FROM stage_move m LEFT JOIN sync_move x "
        "ON x.deal_id = m.deal_id AND x.move_id = m.id AND +x.remote_id = ? "
        "WHERE m.deal_id IN ({ids}) AND (m.evidence <> 'assumed' OR m.mover_as <> 'sync') AND "
        "(m.undone = 0 AND m.superseded = 0 OR m.superseded <> 2 AND x.carried IS NOT NULL) "
        "ORDER BY m.deal_id, m.at, m.seq",
        sorted(set(deals)),
        (remote_id,),
    ):
        moment = at if synced or deal not in last else max(at, last[deal] + 1)
        if not gave_way:
            last[deal] = max(moment, last.get(deal, moment))
        far = mapping.far_of("stage", stage)
        if travels and far:
            name = move_id(uid)
            found[deal].moves.append(
                CarriedMove(
                    moment, came or name, far, mapping.far_of("person", mover),
                    mapping.far_of("person", owner), int(undone or gave_way),
                )
            )  # fmt: skip
            if came in (None, name):
                found[deal].own.add(name)
    return found


#: What a move is called where it travels comes before what it is called in the history there.
_RULINGS = """
SELECT u.deal_id, u.stage_id, u.at, u.kind, u.person_id, u.by_id, u.reason, u.undone, m.at,
c.origin <> 'sync', CASE WHEN m.mover_as <> 'sync' THEN m.uid END,
(SELECT coalesce(x.carried, ? || nullif(x.far_id, '')) FROM sync_move x WHERE x.deal_id = u.deal_id
AND x.move_id = u.move_id AND +x.remote_id = ?
ORDER BY x.carried IS NULL, coalesce(x.far_id, '') = '' LIMIT 1)
FROM reach_ruling u JOIN stage_move m ON m.id = u.move_id JOIN command c ON c.id = u.command_id
WHERE u.deal_id IN ({ids})
"""


def _add_rulings(
    a: Asks, remote_id: int, mapping: Maps, deals: Iterable[int], found: dict[int, Travelling]
) -> None:
    """Rulings travel with the moves: those of here and those that travelled here. One on a move
    that both ends do not know yet waits for that."""
    for deal, stage, at, kind, to, by, reason, undone, entered, own, uid, known in a.rows_of(
        _RULINGS, sorted(set(deals)), (OF_HISTORY, remote_id)
    ):
        entry = known or (move_id(uid) if uid is not None else "")
        far = mapping.far_of("stage", stage)
        if not entry or not far:
            continue
        line = carried_rulings.line_of(
            CarriedRuling(
                at, entry, entered, kind, far, mapping.far_of("person", by),
                mapping.far_of("person", to), reason, int(undone),
            )
        )  # fmt: skip
        found[deal].moves.append(line)
        if own:
            found[deal].own.add(line.id)


class Stood(Protocol):
    """A line of the protocol of here."""

    evidence: str
    by: str
    undone: bool
    superseded: int


def evidence(stood: Iterable[Stood]) -> str:
    """What a move that the other end tells is here. Where an import of deals assumed what stands,
    both hold, for what is told there began after the import."""
    from_file = any(
        one.evidence == "assumed" and one.by == "import"
        and not one.undone and one.superseded != 1
        for one in stood
    )  # fmt: skip
    return "told" if from_file else "reported"


def move_id(uid: bytes) -> str:
    """What a move is called where it travels."""
    return uid.hex()[-MOVE_ID:]


def _tasks(a: Asks, remote_id: int, mapping: Maps, keys: list[int]) -> dict[int, Local]:
    rows = a.rows_of(
        "SELECT t.id, t.uid, t.title, t.deal_id, t.assignee_id, t.due_at, t.state, t.result, "
        "t.deleted_at IS NOT NULL, d.pipeline_id, d.stage_id FROM task t "
        "LEFT JOIN deal d ON d.id = t.deal_id WHERE t.id IN ({ids})",
        keys,
    )
    deals = _targets(a, remote_id, "deal", [row[3] for row in rows])
    found = {}
    for key, uid, title, deal, assignee, due, state, result, deleted, *place in rows:
        fields: dict[str, Value] = {
            "title": title,
            **_mapped(mapping, "owner", "person", assignee),
            "due_at": due,
            "done": state in ("done", "cancelled"),
            "result": result or "",
        }
        # A task that waits for its event has no moment, and no CRM takes one without.
        synced = due is not None and _goes_with(mapping, deals, deal, place)
        empty = {"owner"} if assignee is None else set()
        one = Local(key, uid.hex(), fields, synced=synced, deleted=bool(deleted), empty=empty)
        deals.refer(one, "deal", deal)
        found[key] = one
    return found


def _goes_with(mapping: Maps, deals: _Targets, deal: int | None, place: list[Any]) -> bool:
    """Whether what belongs to a deal in this ``place`` (pipeline, stage) is sent: the deal is
    there, or goes first. Where it goes only later, this comes with it."""
    goes = deal in deals.known or place[1] in mapping.far.get("stage", {})
    return goes and place[0] in mapping.pipelines and deal not in deals.never


def _notes(a: Asks, remote_id: int, mapping: Maps, keys: list[int]) -> dict[int, Local]:
    rows = a.rows_of(
        "SELECT n.id, n.uid, n.text, n.at, n.deal_id, n.deleted_at IS NOT NULL, d.pipeline_id, "
        "d.stage_id FROM note n LEFT JOIN deal d ON d.id = n.deal_id WHERE n.id IN ({ids})",
        keys,
    )
    deals = _targets(a, remote_id, "deal", [row[4] for row in rows])
    found = {}
    for key, uid, text, at, deal, deleted, *place in rows:
        synced = _goes_with(mapping, deals, deal, place)
        one = Local(key, uid.hex(), {"text": text, "at": at}, synced, bool(deleted))
        deals.refer(one, "deal", deal)
        found[key] = one
    return found
