"""Taking over what the other end holds: new records, and fields of those that are here.

Everything goes through the command's transaction as anywhere else: names have their keys, the stage
and the responsible person are facts with their own moments, a task's person, due moment and state
too. What cannot be placed here raises ``Unplaced`` in a sentence; that record is set aside.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from salesdesk import names
from salesdesk.errors import SalesDeskError
from salesdesk.models.store import Transaction
from salesdesk.moments import money_of
from salesdesk.services import phones
from salesdesk.services.moving import place_before
from salesdesk.services.sync import maps
from salesdesk.services.sync.maps import Maps
from salesdesk.services.sync.remote import Entity, FarRecord, Value
from salesdesk.text import N_


class Unplaced(SalesDeskError):
    """A record that has no place here, and why."""

    def __init__(self, message: str, /, **values: object) -> None:
        super().__init__(N_("This cannot be taken over"), message, **values)


NO_STAGE = N_("Its stage in the CRM ({stage}) is not mapped to a stage here.")
NO_DEAL = N_("Its deal is not here.")
NO_NAME = N_("It has no name.")
GONE = N_("It was deleted in the CRM; here it stays.")


@dataclass(frozen=True, slots=True)
class NewDeal:
    """A deal that is to be made: its row, and the lines of its protocol without their deal."""

    row: dict[str, Any]
    steps: list[dict[str, Any]]


class Taker:
    """Writes into one transaction. ``refs`` are records that others refer to: keys of here by kind
    and key of the other end (``look_up`` reads them for many at once). ``linked`` are records of
    here that got their object in this transaction."""

    def __init__(self, tx: Transaction, remote_id: int, mapping: Maps) -> None:
        self.tx = tx
        self.id = remote_id
        self.mapping = mapping
        self.refs: dict[tuple[Entity, str], int] = {}
        self.linked: set[int] = set()
        self._owns: dict[bytes, tuple[int, bool]] = {}
        self._copies: set[str] = set()
        self._number = 0
        self._places: dict[int, float] = {}
        self._firsts: dict[int, int | None] = {}

    # -- records --------------------------------------------------------------------------------

    def look_up(self, records: Sequence[FarRecord]) -> None:
        """Read what records of one kind refer to, and which are of here by their identifiers."""
        if not records:
            return
        for kind, keys in references(records).items():
            for far, key in maps.local_ids_to(self.tx, self.id, kind, keys).items():
                self.refs[kind, far] = key
        entity = records[0].entity
        uids = [uid for uid in map(uid_of, records) if uid is not None]
        for key, uid, linked in self.tx.rows_of(
            f"SELECT t.id, t.uid, EXISTS (SELECT 1 FROM sync_link l WHERE l.remote_id = ? AND "
            f"l.entity = ? AND l.local_id = t.id AND l.state = 'linked') "
            f"FROM {maps.TABLES[entity]} t WHERE t.uid IN ({{ids}})",
            uids,
            (self.id, entity),
        ):
            self._owns[uid] = key, bool(linked)

    def own(self, record: FarRecord) -> int | None:
        """The record of here whose identifier this one carries, though nothing links them. A copy
        that somebody made there of one that is linked is a record of its own."""
        uid = uid_of(record)
        found = self._owns.get(uid) if uid is not None else None
        if found is None:
            return None
        if found[1] or found[0] in self.linked:
            self._copies.add(record.far_id)
            return None
        return found[0]

    def namesake(self, record: FarRecord) -> int | None:
        """The company of the same name, unless it is linked to something else, or another object
        that is taken over with this one carries its identifier."""
        if record.entity != "company":
            return None
        others = self.linked | {key for key, _ in self._owns.values()}
        rows = self.tx.rows(
            "SELECT c.id FROM client c WHERE c.kind = 'company' AND c.name_key = ? "
            "AND c.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM sync_link l WHERE "
            "l.remote_id = ? AND l.entity = 'company' AND l.local_id = c.id) ORDER BY c.id LIMIT ?",
            (names.key(str(record.fields.get("name") or "")), self.id, len(others) + 1),
        )
        return next((key for (key,) in rows if key not in others), None)

    def make(self, record: FarRecord) -> int:
        """A new record, other than a deal; raises ``Unplaced``."""
        make = {
            "company": self._make_client, "contact": self._make_client,
            "task": self._make_task, "note": self._make_note,
        }[record.entity]  # fmt: skip
        return make(record)

    def take(
        self, entity: Entity, key: int, fields: Mapping[str, Value], record: FarRecord
    ) -> None:
        """Set fields of a record."""
        take = {
            "company": self._take_client, "contact": self._take_client, "deal": self._take_deal,
            "task": self._take_task, "note": self._take_note,
        }[entity]  # fmt: skip
        take(key, fields, record)

    def _uid(self, record: FarRecord) -> dict[str, bytes]:
        """The same identifier at every seat."""
        uid = None if record.far_id in self._copies else uid_of(record)
        return {} if uid is None else {"uid": uid}

    # -- clients --------------------------------------------------------------------------------

    def _make_client(self, record: FarRecord) -> int:
        name = names.clean(str(record.fields.get("name") or ""))
        if not name:
            raise Unplaced(NO_NAME)
        row = {
            "kind": record.entity,
            "name": name,
            "name_key": names.key(name),
            **self._uid(record),
        }
        [key] = self.tx.insert("client", [row])
        rest = {field: value for field, value in record.fields.items() if field != "name"}
        self._take_client(key, rest, record)
        return key

    def _take_client(self, key: int, fields: Mapping[str, Value], record: FarRecord) -> None:
        row: dict[str, Any] = {}
        name = names.clean(str(fields.get("name") or ""))
        if name:
            row |= {"name": name, "name_key": names.key(name)}
        if "tax_number" in fields:
            row["tax_number"] = fields["tax_number"] or None
        if "company" in fields:
            row["company_id"] = self._linked("company", fields["company"])
        if row:
            self.tx.update("client", [{"id": key, **row}])
        for field, kind in (("phones", "phone"), ("emails", "email")):
            values = fields.get(field)
            if isinstance(values, tuple):
                self._contacts(key, kind, values)

    def _contacts(self, key: int, kind: str, values: tuple[str, ...]) -> None:
        there: dict[str, int] = dict(
            self.tx.rows(
                "SELECT value, id FROM client_contact WHERE client_id = ? AND kind = ? "
                "AND deleted_at IS NULL",
                (key, kind),
            )
        )
        self.tx.delete("client_contact", [there[value] for value in there.keys() - set(values)])
        region = phones.region_of(self.tx)
        self.tx.insert(
            "client_contact",
            [
                {"client_id": key, "kind": kind, "value": value,
                 "value_key": phones.key(kind, value, region), "position": place}
                for place, value in enumerate(values)
                if value not in there
            ],
        )  # fmt: skip

    # -- deals ----------------------------------------------------------------------------------

    def new_deal(self, record: FarRecord, *, told: bool) -> NewDeal:
        """A deal that is to be made; raises ``Unplaced``. ``told``: its history comes with it."""
        stage = self.mapping.local_of("stage", record.fields.get("stage"))
        if stage is None:
            raise Unplaced(NO_STAGE, stage=record.fields.get("stage"))
        title = names.clean(str(record.fields.get("title") or "")) or record.far_id
        currency = str(record.fields.get("currency") or "") or self._currency()
        rest = {name: value for name, value in record.fields.items()
                if name not in ("title", "currency", "stage", "pipeline", "owner")}  # fmt: skip
        row = {
            "title": title, "title_key": names.folded(title), "number": self._next_number(),
            "currency": currency, "pos": self._place(stage), **self._uid(record),
            **self._deal_row(rest),
        }  # fmt: skip
        return NewDeal(row, self._born(stage, record, told))

    def make_deals(self, news: Sequence[NewDeal]) -> list[int]:
        """Make deals; their keys in the same order."""
        keys: dict[int, int] = {}
        groups: dict[tuple[str, ...], list[int]] = {}
        for place, new in enumerate(news):
            groups.setdefault(tuple(new.row), []).append(place)
        for places in groups.values():
            made = self.tx.insert("deal", [news[place].row for place in places])
            keys |= dict(zip(places, made, strict=True))
        self.tx.insert(
            "stage_move",
            [{"deal_id": keys[place], **step} for place, new in enumerate(news)
             for step in new.steps],
        )  # fmt: skip
        return [keys[place] for place in range(len(news))]

    def _next_number(self) -> int:
        if not self._number:
            self._number = int(self.tx.value("SELECT coalesce(max(number), 0) FROM deal"))
        self._number += 1
        return self._number

    def _place(self, stage: int) -> float:
        last = self._places.get(stage)
        found = place_before(self.tx, stage, 0) if last is None else last + 1.0
        self._places[stage] = found
        return found

    def _born(self, stage: int, record: FarRecord, told: bool) -> list[dict[str, Any]]:
        """What the record alone proves: when it was made, and where it stands since when. The
        history of stages takes the place of both; where it is ``told``, of the latter at once."""
        at = record.fields.get("created_at")
        made = at if isinstance(at, int) else record.at
        owner = self.mapping.local_of("person", record.fields.get("owner"))
        moved = record.moved_at if record.moved_at is not None else made
        if stage not in self._firsts:
            self._firsts[stage] = self.tx.value(
                "SELECT f.id FROM stage s JOIN stage f ON f.pipeline_id = s.pipeline_id "
                "WHERE s.id = ? AND f.kind = 'open' AND f.deleted_at IS NULL AND f.archived = 0 "
                "ORDER BY f.position, f.id LIMIT 1",
                (stage,),
            )
        first = self._firsts[stage]
        steps = [(made, stage)] if moved <= made else [(made, first or stage), (moved, stage)]
        amount = _money(record.fields.get("amount"))
        return [
            {
                "to_stage_id": to, "at": when, "recorded_at": self.tx.now,
                "mover_id": None, "mover_as": "sync", "owner_id": owner,
                "sets_owner": int(place == 0), "amount": amount, "evidence": "assumed",
            }
            for place, (when, to) in enumerate(steps[:1] if told else steps)
        ]  # fmt: skip

    def _take_deal(self, key: int, fields: Mapping[str, Value], record: FarRecord) -> None:
        """All but the stage, which its moves bring (``moves``)."""
        row = self._deal_row(fields)
        if row:
            self.tx.update("deal", [{"id": key, **row}])
        if "owner" in fields:
            self._owner(key, fields["owner"], record)

    def _deal_row(self, fields: Mapping[str, Value]) -> dict[str, Any]:
        row: dict[str, Any] = {}
        if fields.get("title"):
            title = names.clean(str(fields["title"]))
            row |= {"title": title, "title_key": names.folded(title)}
        if "amount" in fields:
            row["amount"] = _money(fields["amount"])
        if fields.get("currency"):
            row["currency"] = fields["currency"]
        if "expected_day" in fields:
            row["expected_day"] = fields["expected_day"]
        if "lost_reason" in fields:
            row["lost_reason_id"] = self.mapping.local_of("lost_reason", fields["lost_reason"])
        if "company" in fields:
            row["client_id"] = self._linked("company", fields["company"])
        if "contact" in fields:
            row["contact_id"] = self._linked("contact", fields["contact"])
        return row

    def _owner(self, key: int, far: Value, record: FarRecord) -> None:
        person = self.mapping.local_of("person", far)
        if person is None:
            return
        last = self.tx.value(
            "SELECT max(at) FROM (SELECT at FROM owner_change WHERE deal_id = ?1 AND undone = 0 "
            "UNION ALL SELECT at FROM stage_move WHERE deal_id = ?1 AND undone = 0)",
            (key,),
        )
        at = max(record.at, last or 0)
        self.tx.insert("owner_change", [{"deal_id": key, "person_id": person, "at": at}])

    # -- tasks and notes ------------------------------------------------------------------------

    def _make_task(self, record: FarRecord) -> int:
        deal = self._linked("deal", record.fields.get("deal"))
        if deal is None:
            raise Unplaced(NO_DEAL)
        title = names.clean(str(record.fields.get("title") or ""))
        if not title:
            raise Unplaced(NO_NAME)
        at = min(record.at, self.tx.now)  # what is done here next comes after it by this clock, too
        row = {"title": title, "deal_id": deal, "created_at": at,
               "result": record.fields.get("result") or None, **self._uid(record)}  # fmt: skip
        [key] = self.tx.insert("task", [row])
        state = "done" if record.fields.get("done") else "open"
        self.tx.insert(
            "task_change",
            [
                {
                    "task_id": key, "at": at, "fields": 7, "state": state,
                    "assignee_id": self.mapping.local_of("person", record.fields.get("owner")),
                    "due_at": record.fields.get("due_at"), "person_id": None,
                }
            ],
        )  # fmt: skip
        return key

    def _take_task(self, key: int, fields: Mapping[str, Value], record: FarRecord) -> None:
        row: dict[str, Any] = {}
        if fields.get("title"):
            row["title"] = names.clean(str(fields["title"]))
        if "result" in fields:
            row["result"] = fields["result"] or None
        if row:
            self.tx.update("task", [{"id": key, **row}])
        fact: dict[str, Any] = {}
        mask = 0
        owner = self.mapping.local_of("person", fields.get("owner"))
        if owner is not None:
            fact["assignee_id"], mask = owner, mask | 1
        if "due_at" in fields:
            fact["due_at"], mask = fields["due_at"], mask | 2
        if "done" in fields:
            fact["state"], mask = ("done" if fields["done"] else "open"), mask | 4
        if mask:
            last = self.tx.value(
                "SELECT max(at) FROM task_change WHERE task_id = ? AND undone = 0", (key,)
            )
            at = max(min(record.at, self.tx.now), last or 0)
            self.tx.insert(
                "task_change", [{"task_id": key, "at": at, "fields": mask, "person_id": None,
                                 **fact}]
            )  # fmt: skip

    def _make_note(self, record: FarRecord) -> int:
        deal = self._linked("deal", record.fields.get("deal"))
        if deal is None:
            raise Unplaced(NO_DEAL)
        at = record.fields.get("at")
        row = {"deal_id": deal, "text": str(record.fields.get("text") or ""),
               "at": at if isinstance(at, int) else record.at, **self._uid(record)}  # fmt: skip
        return self.tx.insert("note", [row])[0]

    def _take_note(self, key: int, fields: Mapping[str, Value], record: FarRecord) -> None:
        if "text" in fields:
            self.tx.update("note", [{"id": key, "text": str(fields["text"] or "")}])

    # -- inside ---------------------------------------------------------------------------------

    def _linked(self, entity: Entity, far: Value) -> int | None:
        return self.refs.get((entity, str(far))) if far else None

    def _currency(self) -> str:
        from salesdesk.services.deals import workspace_currency

        return workspace_currency(self.tx)


def uid_of(record: FarRecord) -> bytes | None:
    """Our identifier that an object carries, where it is one."""
    try:
        uid = bytes.fromhex(record.uid or "")
    except ValueError:
        return None
    return uid if len(uid) == 16 else None


#: Fields that hold keys of other records there.
REFERENCES: tuple[Entity, ...] = ("company", "contact", "deal")


def references(records: Iterable[FarRecord]) -> dict[Entity, list[str]]:
    """What records refer to: keys of the other end by kind."""
    found: dict[Entity, set[str]] = {}
    for record in records:
        for kind in REFERENCES:
            far = record.fields.get(kind)
            if far:
                found.setdefault(kind, set()).add(str(far))
    return {what: sorted(keys) for what, keys in found.items()}


def _money(value: Value) -> int | None:
    if value is None or isinstance(value, bool | tuple):
        return None
    return money_of(Decimal(value))
