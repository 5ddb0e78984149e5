"""Sending what waits: recorded before it goes out, settled by what came of it.

A row of the queue goes ``waiting -> sending``, then out of the queue, or to ``waiting``,
``unknown`` or ``failed``. One found ``sending`` when nothing is being sent (a crash) is
``unknown``: it is looked up by our identifier before anything is made again, and not at once, for
the other end may still be at it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from salesdesk.models.books import Books
from salesdesk.models.store import Store
from salesdesk.services.records import Asks
from salesdesk.services.sync import carried, local, maps, outbox
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.local import Local
from salesdesk.services.sync.maps import Connection, Link, Maps
from salesdesk.services.sync.outbox import Waiting
from salesdesk.services.sync.pace import Clock
from salesdesk.services.sync.remote import (
    ENTITIES,
    Draft,
    Entity,
    FarRecord,
    Outcome,
    Remote,
    Value,
)
from salesdesk.services.sync.values import packed

_SECOND = 1_000_000
#: How long after a lost answer the other end may still be at it.
SETTLES = 75 * _SECOND
#: Pauses before the next try of something that did not reach the other end (seconds).
_PAUSES = (5, 15, 60, 300, 900)
#: These stop the whole sync until a person or time helps.
STOPPING = (Kind.AUTH, Kind.PERMISSION, Kind.BLOCKED, Kind.REDIRECTED)
#: Fields that are told when an object is made and never changed there.
_ONLY_NEW = frozenset({"created_at"})


@dataclass(slots=True)
class Sent:
    """What a pass of sending did."""

    pushed: int = 0
    failed: int = 0
    made: int = 0
    dry: list[tuple[Entity, int, bool]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Plan:
    """An object to be sent: its row of the queue, its fields (as the remote holds them), those that
    go, and its link if it has one."""

    row: Waiting
    uid: str
    held: Mapping[str, Value]
    draft: Draft
    link: Link | None


class Pusher:
    """Sends through one remote. ``dry``: only tell what would be sent."""

    def __init__(
        self, store: Store, connection: Connection, mapping: Maps, remote: Remote, clock: Clock,
        *, dry: bool = False,
    ) -> None:  # fmt: skip
        self.store = store
        self.id = connection.id
        self.mapping = mapping
        self.remote = remote
        self.clock = clock
        self.dry = dry
        self.sent = Sent()

    def run(self) -> Sent:
        """Send everything whose time has come, kind after kind. Raises ``Failure`` of a kind that
        stops the sync; what was recorded is gone on with the next time."""
        self.resume()
        for entity in ENTITIES:
            self._look_up(entity)
            while self._batch(entity):
                continue
        return self.sent

    def resume(self) -> None:
        """What was being sent when something ended this program: its outcome is unknown."""
        if self.dry:
            return
        with self.store.books() as books:
            rows = books.rows(
                "SELECT id FROM sync_queue WHERE remote_id = ? AND state = 'sending'", (self.id,)
            )
            later = self.clock.now() + SETTLES
            books.update(
                "sync_queue", [{"id": row[0], "state": "unknown", "next_at": later} for row in rows]
            )

    # -- what goes ------------------------------------------------------------------------------

    def _batch(self, entity: Entity) -> bool:
        """Send the next batch; whether there may be another."""
        now = self.clock.now()
        with self.store.read() as r:
            rows = outbox.due(r, self.id, entity, "waiting", now=now, limit=self.remote.batch)
            rows = [row for row in rows if not self._told(row)]
            ids = [row.local_id for row in rows]
            known = local.records(r, self.id, self.mapping, entity, ids)
            links = maps.links_of(r, self.id, entity, ids)
            clashing = _clashing(r, self.id, entity, ids)
        if not rows:
            return False
        plans: list[_Plan] = []
        nothing: list[int] = []
        wanted: set[tuple[Entity, int]] = set()
        later: list[Waiting] = []
        for row in rows:
            one, link = known.get(row.local_id), links.get(row.local_id)
            if one is None or not _goes(one, link):
                nothing.append(row.id)
            elif one.needs:
                wanted |= one.needs
                later.append(row)
            else:
                plan = self._plan(row, one, link, clashing.get(row.local_id, frozenset()))
                if plan is None:
                    nothing.append(row.id)
                else:
                    plans.append(plan)
        if self.dry:
            self.sent.dry += [(entity, plan.row.local_id, plan.link is None) for plan in plans]
            return False
        self._put_off(later, wanted, now)
        with self.store.books() as books:
            books.remove("sync_queue", nothing)
        for news in (True, False):
            self._send(entity, [plan for plan in plans if (plan.link is None) == news], news)
        return True

    def _told(self, row: Waiting) -> bool:
        return self.dry and (row.entity, row.local_id, True) in self.sent.dry

    def _plan(
        self, row: Waiting, one: Local, link: Link | None, clashing: frozenset[str]
    ) -> _Plan | None:
        """What is to go; None when nothing is."""
        entity = row.entity
        holds = self.remote.holds.get(entity, frozenset())
        own = {name: value for name, value in one.fields.items() if name in holds}
        held = self.remote.as_held(entity, own)
        if link is None:
            empty = (None, "", ())
            fields: dict[str, Value] = {
                name: value for name, value in held.items() if value not in empty
            }
            return _Plan(row, one.uid, held, Draft(one.uid, fields), None)
        changed: dict[str, Value] = {
            name: value
            for name, value in held.items()
            if value != link.agreed.get(name) and name not in clashing and name not in _ONLY_NEW
        }
        if "stage" in clashing:
            changed.pop("pipeline", None)
        elif changed.keys() & {"stage", "pipeline"}:
            changed |= {name: held[name] for name in ("stage", "pipeline") if name in held}
        if not changed:
            return None
        return _Plan(row, one.uid, held, Draft(one.uid, changed, link.far_id), link)

    def _put_off(self, rows: Sequence[Waiting], wanted: set[tuple[Entity, int]], now: int) -> None:
        """Objects that refer to something that has yet to go: that is queued, they come after it.
        What depends on something that failed waits with it."""
        if not rows:
            return
        with self.store.books() as books:
            for entity in ENTITIES:
                ids = [key for kind, key in wanted if kind == entity]
                there = books.rows_of(
                    "SELECT local_id FROM sync_queue WHERE remote_id = ? AND entity = ? "
                    "AND local_id IN ({ids})",
                    ids,
                    (self.id, entity),
                )
                missing = set(ids) - {row[0] for row in there}
                outbox.want(books, self.id, entity, missing, now=now)
            books.update(
                "sync_queue",
                [{"id": row.id, "next_at": now + _SECOND, "detail": "depends"} for row in rows],
            )

    # -- sending --------------------------------------------------------------------------------

    def _send(self, entity: Entity, plans: list[_Plan], news: bool) -> None:
        if not plans:
            return
        with self.store.books() as books:
            books.update(
                "sync_queue",
                [{"id": plan.row.id, "state": "sending", "sending_upto": plan.row.last_change,
                  "tries": plan.row.tries + 1} for plan in plans],
            )  # fmt: skip
        drafts = [plan.draft for plan in plans]
        try:
            call = self.remote.create if news else self.remote.update
            outcomes: Sequence[Outcome] = call(entity, drafts)
        except Failure as failure:
            outcomes = [Outcome(plan.uid, failure=failure) for plan in plans]
        by_uid = {outcome.uid: outcome for outcome in outcomes}
        lost = Failure(Kind.UNKNOWN)
        self._settle(
            entity, [(plan, by_uid.get(plan.uid, Outcome(plan.uid, failure=lost)))
                     for plan in plans], news,
        )  # fmt: skip
        for outcome in outcomes:
            if outcome.failure is not None and outcome.failure.kind in STOPPING:
                raise outcome.failure

    def _settle(self, entity: Entity, pairs: Sequence[tuple[_Plan, Outcome]], news: bool) -> None:
        """Write down what came of each."""
        now = self.clock.now()
        with self.store.books() as books:
            for plan, outcome in pairs:
                failure = outcome.failure or _dropped(plan, outcome.record)
                if outcome.failure is None:
                    self._arrived(books, entity, plan, outcome, now)
                    self.sent.pushed += 1
                    self.sent.made += news
                if failure is None:
                    self._leave(books, plan.row)
                else:
                    books.update("sync_queue", [self._after(plan, failure, news, now)])
                    self.sent.failed += failure.kind in (Kind.INVALID, Kind.GONE)
                if failure is not None and failure.kind is Kind.GONE and plan.link is not None:
                    books.update("sync_link", [{"id": plan.link.id, "state": "gone"}])

    def _arrived(
        self, books: Books, entity: Entity, plan: _Plan, outcome: Outcome, now: int
    ) -> None:
        """The object is there: what was sent is agreed upon."""
        record = outcome.record
        before = plan.link.agreed if plan.link is not None else {}
        agreed = {**before, **plan.draft.fields}
        if plan.link is None:
            agreed = {**plan.held, **agreed}
        link(
            books, self.id, entity, plan.row.local_id,
            outcome.far_id or plan.draft.far_id, agreed, record.at if record else 0,
        )  # fmt: skip
        if entity == "deal" and plan.draft.fields.keys() & {"moves", "stage"}:
            at = record.at if record is not None and record.at else now
            note_pushed(books, self.id, plan.row.local_id, at)

    def _leave(self, books: Books, row: Waiting) -> None:
        """Out of the queue, unless it was changed again meanwhile."""
        last = books.value("SELECT last_change FROM sync_queue WHERE id = ?", (row.id,))
        if last is None:
            return
        if last <= row.last_change:
            books.remove("sync_queue", [row.id])
        else:
            books.update(
                "sync_queue",
                [{"id": row.id, "state": "waiting", "first_change": row.last_change + 1,
                  "tries": 0, "failure": None, "detail": None, "at": self.clock.now()}],
            )  # fmt: skip

    def _after(self, plan: _Plan, failure: Failure, news: bool, now: int) -> dict[str, Value]:
        """The row of an object that did not go."""
        kind, row = failure.kind, plan.row
        said: dict[str, Value] = {
            "id": row.id, "failure": kind.value, "detail": failure.detail or failure.field,
        }  # fmt: skip
        if kind in (Kind.INVALID, Kind.GONE):
            return {**said, "state": "failed", "next_at": now}
        if kind in (Kind.UNKNOWN, Kind.MALFORMED) and news:
            return {**said, "state": "unknown", "next_at": now + SETTLES}
        pause = _PAUSES[min(row.tries, len(_PAUSES) - 1)] * _SECOND
        at = max(failure.retry_at or 0, now + pause)
        return {**said, "state": "waiting", "next_at": at}

    # -- outcomes that are unknown --------------------------------------------------------------

    def _look_up(self, entity: Entity) -> None:
        """Objects whose making may have arrived: those that are there are adopted, the others are
        made again."""
        if self.dry:
            return
        while True:
            now = self.clock.now()
            with self.store.read() as r:
                rows = outbox.due(r, self.id, entity, "unknown", now=now, limit=self.remote.batch)
                ids = [row.local_id for row in rows]
                known = local.records(r, self.id, self.mapping, entity, ids)
                links = maps.links_of(r, self.id, entity, ids)
            if not rows:
                return
            uids = {known[key].uid: key for key in ids if key in known and key not in links}
            within = str(known[ids[0]].fields.get("deal") or "") if len(ids) == 1 and known else ""
            found = self.remote.find(entity, list(uids), within) if uids else {}
            with self.store.books() as books:
                for uid, record in found.items():
                    adopt(books, self.id, record, uids[uid], self.remote)
                books.update(
                    "sync_queue",
                    [{"id": row.id, "state": "waiting", "next_at": now} for row in rows],
                )


def _goes(one: Local, link: Link | None) -> bool:
    """Whether a record is one that is sent: what was deleted is not, nor what is gone there."""
    return not one.deleted and (one.synced if link is None else not link.gone)


def _clashing(
    a: Asks, remote_id: int, entity: Entity, ids: Iterable[int]
) -> dict[int, frozenset[str]]:
    """Fields that a person has yet to decide, by record."""
    found: dict[int, set[str]] = {}
    for key, name in a.rows_of(
        "SELECT local_id, field FROM sync_conflict WHERE remote_id = ? AND entity = ? "
        "AND state IN ('open', 'ours', 'theirs') AND local_id IN ({ids})",
        list(ids),
        (remote_id, entity),
    ):
        found.setdefault(key, set()).add(name)
    return {key: frozenset(names) for key, names in found.items()}


def _dropped(plan: _Plan, record: FarRecord | None) -> Failure | None:
    """The other end said yes and dropped a field without a word."""
    if record is None:
        return None
    for name, value in plan.draft.fields.items():
        if name in record.fields and record.fields[name] != value and name not in _ONLY_NEW:
            if name == "moves" and carried.joined(
                str(value or ""), str(record.fields[name] or "")
            ) == str(record.fields[name] or ""):
                continue
            return Failure(Kind.INVALID, detail=name, field=name)
    return None


def link(
    books: Books, remote_id: int, entity: Entity, local_id: int, far_id: str,
    agreed: Mapping[str, Value], far_at: int,
) -> None:  # fmt: skip
    """Keep that a record here and an object there are one, and on what they agree."""
    books.put(
        "sync_link",
        ("remote_id", "entity", "local_id"),
        [
            {
                "remote_id": remote_id, "entity": entity, "local_id": local_id, "far_id": far_id,
                "agreed": packed(agreed), "far_at": far_at, "state": "linked",
            }
        ],
    )  # fmt: skip


def adopt(books: Books, remote_id: int, record: FarRecord, local_id: int, remote: Remote) -> None:
    """An object that carries our identifier and was not linked: its making had arrived. Agreed is
    what it holds, so that whatever differs here is sent."""
    holds = remote.holds.get(record.entity, frozenset())
    agreed = {name: value for name, value in record.fields.items() if name in holds}
    link(books, remote_id, record.entity, local_id, record.far_id, agreed, record.at)


def note_pushed(books: Books, remote_id: int, deal: int, at: int) -> None:
    """The moves of a deal have gone out: the line of history that this makes at the other end, at
    ``at`` by its clock, is their echo."""
    moves = books.rows(
        "SELECT m.id, m.uid, x.id, x.carried FROM stage_move m LEFT JOIN sync_move x "
        "ON x.move_id = m.id AND x.remote_id = ? WHERE m.deal_id = ? AND m.undone = 0 "
        "AND m.superseded = 0 AND m.evidence <> 'assumed' AND x.pushed_at IS NULL "
        "AND (x.id IS NULL OR x.carried IS NOT NULL)",
        (remote_id, deal),
    )
    books.insert(
        "sync_move",
        [
            {"remote_id": remote_id, "deal_id": deal, "move_id": key,
             "carried": local.move_id(uid), "pushed_at": at}
            for key, uid, known, _carried in moves
            if known is None
        ],
    )  # fmt: skip
    books.update(
        "sync_move",
        [{"id": known, "pushed_at": at} for _key, _uid, known, _c in moves if known is not None],
    )
