"""Records and values of the sync in the words of here; conflicts: who changed what, and when."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesdesk.models.asking import OF_RECORDS
from salesdesk.services.records import Asks
from salesdesk.services.sync import maps
from salesdesk.services.sync.maps import Connection
from salesdesk.services.sync.pull import OpenClash
from salesdesk.services.sync.remote import ENTITIES, Entity, Value
from salesdesk.services.sync.values import unpacked

#: So many decisions of rules are looked at; most people see a part of them.
_LOOKED_AT = 1_000


@dataclass(frozen=True, slots=True)
class Record:
    """A record of here; ``deal_id`` is the deal that a task or a note belongs to, ``needs`` what
    has to be sent before it."""

    entity: Entity
    id: int
    title: str
    deal_id: int | None = None
    needs: "Record | None" = None


@dataclass(frozen=True, slots=True)
class Told:
    """A value for people: ``holds`` as in ``ui.values``; money has its currency."""

    value: object
    holds: str = "text"
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that both ends changed, with who and when; the other end does not tell who."""

    id: int
    record: Record
    field: str
    before: Told
    ours: Told
    theirs: Told
    ours_by: str
    ours_at: int | None
    theirs_at: int | None


@dataclass(frozen=True, slots=True)
class Ruled:
    """A field that both ends changed, and a rule decided: what ``holds``, whether that is ``ours``,
    what was ``given_up``."""

    record: Record
    field: str
    ours: bool
    holds: Told
    given_up: Told
    at: int


_TITLES = {
    "company": "SELECT id, name, NULL FROM client WHERE id IN ({ids})",
    "contact": "SELECT id, name, NULL FROM client WHERE id IN ({ids})",
    "deal": "SELECT id, title, id FROM deal WHERE id IN ({ids})",
    "task": "SELECT id, title, deal_id FROM task WHERE id IN ({ids})",
    "note": "SELECT id, substr(text, 1, 60), deal_id FROM note WHERE id IN ({ids})",
}
Key = tuple[Entity, int]


def records(r: Asks, keys: Iterable[Key]) -> dict[Key, Record]:
    """The records with these keys, with what they are called."""
    wanted = set(keys)
    found: dict[Key, Record] = {}
    for entity in ENTITIES:
        ids = sorted(key for kind, key in wanted if kind == entity)
        for key, title, deal in r.rows_of(_TITLES[entity], ids):
            found[entity, key] = Record(entity, key, title, deal)
    return found


def clashes_of_deal(r: Asks, deal_id: int) -> int:
    """How many fields of a deal a person has yet to decide."""
    return int(
        r.value(
            "SELECT count(*) FROM sync_conflict c JOIN sync_remote s ON s.id = c.remote_id "
            f"WHERE s.state <> 'off' AND c.entity = 'deal' AND c.local_id = ? AND {maps.ASKED}",
            (deal_id,),
        )
    )


def ruled(r: Asks, connection: Connection, since: int) -> Iterator[Ruled]:
    """What rules decided since a moment, the latest first; of records that are there."""
    rows = r.rows(
        "SELECT id, entity, local_id, field, before, ours, theirs, at, state FROM sync_conflict "
        "WHERE remote_id = ? AND state IN ('kept', 'taken') AND at >= ? ORDER BY at DESC, id DESC "
        "LIMIT ?",
        (connection.id, since, _LOOKED_AT),
    )
    if not rows:
        return
    known, told = records(r, [(row[1], row[2]) for row in rows]), Teller(r, connection)
    for row in rows:
        values = [unpacked(text)["value"] for text in row[4:7]]
        cells: tuple[Any, ...] = (*row[:4], *values, row[7])
        one, kept = OpenClash(*cells), row[8] == "kept"
        record = known.get((one.entity, one.local_id))
        if record is not None:
            mine, other = told(one, one.ours), told(one, one.theirs)
            holds, given_up = (mine, other) if kept else (other, mine)
            yield Ruled(record, one.field, kept, holds, given_up, one.at)


def clashes(
    r: Asks, connection: Connection, found: Sequence[OpenClash], known: dict[Key, Record]
) -> list[Clash]:
    """Conflicts in words, with who changed what."""
    told = Teller(r, connection)
    return [
        Clash(
            one.id,
            known.get((one.entity, one.local_id), Record(one.entity, one.local_id, "")),
            one.field,
            told(one, one.before),
            told(one, one.ours),
            told(one, one.theirs),
            *_here(r, one),
            _there(r, connection.id, one),
        )
        for one in found
    ]


class Teller:
    """Says values of the protocol in the words of here."""

    def __init__(self, r: Asks, connection: Connection) -> None:
        self.r = r
        self.id = connection.id
        self.mapping = maps.load(r, connection.id)

    def __call__(self, clash: OpenClash, value: Value) -> Told:
        name = clash.field
        if value is None or value in ("", ()):
            return Told(None)
        if name == "amount":
            currency = self.r.value("SELECT currency FROM deal WHERE id = ?", (clash.local_id,))
            return Told(value, "money", currency or "")
        if name == "expected_day":
            return Told(value, "day")
        if name in ("due_at", "at", "created_at"):
            return Told(value, "moment")
        if isinstance(value, bool):
            return Told(int(value), "yes_no")
        if isinstance(value, tuple):
            return Told(", ".join(value))
        return Told(self._named(name, value))

    def _named(self, name: str, value: Value) -> str:
        """A key of the other end by the name that it has here; else as it is."""
        table, what = _NAMES.get(name, ("", ""))
        key: int | None = None
        if what in ("company", "contact", "deal"):
            link = maps.links_to(self.r, self.id, what, [str(value)]).get(str(value))  # type: ignore[arg-type]
            key = link.local_id if link is not None else None
        elif what:
            key = self.mapping.local_of(what, value)
        if key is None:
            return str(value)
        column = "title" if table == "deal" else "name"
        return str(self.r.value(f"SELECT {column} FROM {table} WHERE id = ?", (key,)) or value)


#: Fields that hold keys of the other end: the table here, and what they are keys of.
_NAMES = {
    "stage": ("stage", "stage"), "owner": ("person", "person"),
    "pipeline": ("pipeline", "pipeline"), "lost_reason": ("lost_reason", "lost_reason"),
    "company": ("client", "company"), "contact": ("client", "contact"), "deal": ("deal", "deal"),
}  # fmt: skip
#: What fields are in the log, where they are called otherwise there.
_COLUMNS: Mapping[Entity, Mapping[str, str]] = {
    "company": {"owner": "owner_id"},
    "contact": {"owner": "owner_id", "company": "company_id"},
    "deal": {"company": "client_id", "contact": "contact_id", "lost_reason": "lost_reason_id"},
}  # fmt: skip
_MOVED = (
    "SELECT m.at, p.name FROM stage_move m LEFT JOIN person p ON p.id = m.mover_id "
    "WHERE m.deal_id = ? AND m.undone = 0 AND m.superseded = 0 ORDER BY m.at DESC, m.seq DESC"
)
_FACT = (
    "SELECT f.at, p.name FROM {table} f JOIN command m ON m.id = f.command_id "
    "LEFT JOIN person p ON p.id = m.person_id WHERE f.{of} = ? AND {which} AND f.undone = 0 "
    "AND m.origin <> 'sync' ORDER BY f.at DESC, f.seq DESC LIMIT 1"
)


def _of_task(bit: int) -> str:
    return _FACT.format(table="task_change", of="task_id", which=f"f.fields & {bit}")


#: Fields that facts set: who did that, and when.
_FACTS: Mapping[tuple[Entity, str], str] = {
    ("deal", "stage"): _MOVED,
    ("deal", "owner"): _FACT.format(table="owner_change", of="deal_id", which="1"),
    ("task", "owner"): _of_task(1), ("task", "due_at"): _of_task(2), ("task", "done"): _of_task(4),
}  # fmt: skip


def _here(r: Asks, clash: OpenClash) -> tuple[str, int | None]:
    """Who changed the field here last, and when; nothing where the log does not tell."""
    fact = _FACTS.get((clash.entity, clash.field))
    if fact is not None:
        row = r.row(fact, (clash.local_id,))
    else:
        column = _COLUMNS.get(clash.entity, {}).get(clash.field, clash.field)
        row = r.row(
            "SELECT m.at, p.name FROM change c JOIN txn t ON t.id = c.txn_id "
            "JOIN command m ON m.id = t.command_id LEFT JOIN person p ON p.id = m.person_id "
            "WHERE c.tbl = ? AND c.row_id = ? AND c.field = ? AND m.origin <> 'sync' "
            f"AND c.{OF_RECORDS} ORDER BY c.id DESC LIMIT 1",
            (maps.TABLES[clash.entity], clash.local_id, column),
        )
    return ("", None) if row is None else (row[1] or "", row[0])


def _there(r: Asks, remote_id: int, clash: OpenClash) -> int | None:
    """When the other end last changed the record, by its clock."""
    at: int | None = r.value(
        "SELECT far_at FROM sync_link WHERE remote_id = ? AND entity = ? AND local_id = ?",
        (remote_id, clash.entity, clash.local_id),
    )
    return at or None
