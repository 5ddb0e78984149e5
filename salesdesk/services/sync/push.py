"""Sending what waits: recorded before it goes out, settled by what came of it.

A row of the queue goes ``waiting -> sending``, then out of the queue, or to ``waiting``,
``unknown`` or ``failed``. One found ``sending`` when nothing is being sent (a crash) is
``unknown``: it is looked up by our identifier before anything is made again, and not at once, for
the other end may still be at it. Before an object is changed it is read: what a colleague changed
there since is merged first, so that nothing is overwritten unseen.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from salesdesk.models.books import Books
from salesdesk.models.store import Store
from salesdesk.services.sync import local, maps, outbox
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.maps import Connection, Maps
from salesdesk.services.sync.moves import note_pushed
from salesdesk.services.sync.outbox import Waiting
from salesdesk.services.sync.pace import Clock
from salesdesk.services.sync.planning import (
    Plan,
    adopt,
    clashing,
    differs,
    dropped,
    goes,
    link,
    plan,
    refusal,
    sent,
)
from salesdesk.services.sync.reasons import DEPENDS
from salesdesk.services.sync.remote import (
    ENTITIES,
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
#: These end the round: nothing else would go either.
STOPPING = (Kind.AUTH, Kind.BLOCKED, Kind.REDIRECTED, Kind.NOT_SENT, Kind.RATE)
#: Times that one object is merged anew in a pass before it waits: somebody is at it there.
_MEETINGS = 3
#: Calls in a row without an answer after which the others wait, too.
_SILENT = 3
#: Company, then contact, then deal, then task: so many passes a chain may take.
_PASSES = 4
Meets = Callable[[Entity, Sequence[FarRecord]], object]

#: What belongs to deals and goes with them.
_WITHIN: dict[Entity, str] = {
    "task": "SELECT id FROM task WHERE deleted_at IS NULL AND state = 'open' AND deal_id IN "
    "({ids})",
    "note": "SELECT id FROM note WHERE deleted_at IS NULL AND deal_id IN ({ids})",
}


@dataclass(slots=True)
class Sent:
    """What a pass of sending did. ``refused``: kinds that could not go on, and why."""

    pushed: int = 0
    failed: int = 0
    made: int = 0
    dry: list[tuple[Entity, int, bool]] = field(default_factory=list)
    refused: dict[Entity, Failure] = field(default_factory=dict)


class Pusher:
    """Sends through one remote. ``dry``: only tell what would be sent. ``meets`` takes over what
    was changed at the other end since (``pull``); without it nothing is looked at before."""

    def __init__(
        self, store: Store, connection: Connection, mapping: Maps, remote: Remote, clock: Clock,
        *, dry: bool = False, meets: Meets | None = None,
    ) -> None:  # fmt: skip
        self.store = store
        self.id = connection.id
        self.mapping = mapping
        self.remote = remote
        self.clock = clock
        self.dry = dry
        self.sent = Sent()
        self._meets = meets
        self._met: Counter[int] = Counter()
        self._silent = 0

    def run(self) -> Sent:
        """Send everything whose time has come, kind after kind. Raises ``Failure`` of a kind that
        ends the round; what was recorded is gone on with the next time."""
        if self.dry:
            self._tell()
            return self.sent
        self.resume()
        for _ in range(_PASSES):
            before = self.sent.made
            self._wake()
            for entity in ENTITIES:
                self._kind(entity)
            if self.sent.made == before:
                break
        return self.sent

    def resume(self) -> None:
        """What was being sent when something ended this program: its outcome is unknown."""
        with self.store.read() as r:
            rows = r.rows(
                "SELECT id FROM sync_queue WHERE remote_id = ? AND state = 'sending'", (self.id,)
            )
        if not rows:
            return
        later = self.clock.now() + SETTLES
        with self.store.books() as books:
            books.update(
                "sync_queue", [{"id": row[0], "state": "unknown", "next_at": later} for row in rows]
            )

    def _kind(self, entity: Entity) -> None:
        """One kind of object; what goes wrong with all of it does not hold up the others."""
        if entity in self.sent.refused:
            return
        try:
            self._look_up(entity)
            while self._batch(entity):
                continue
        except Failure as failure:
            if failure.kind in STOPPING:
                raise
            self.sent.refused[entity] = failure

    # -- what goes ------------------------------------------------------------------------------

    def _batch(self, entity: Entity) -> bool:
        """Send the next batch; whether there may be another."""
        now = self.clock.now()
        with self.store.read() as r:
            rows = outbox.due(r, self.id, entity, "waiting", now=now, limit=self.remote.batch)
            if not rows:
                return False
            ids = [row.local_id for row in rows]
            known = local.records(r, self.id, self.mapping, entity, ids)
            links = maps.links_of(r, self.id, entity, ids)
            asks = clashing(r, self.id, entity, ids)
        plans: list[Plan] = []
        nothing: list[Waiting] = []
        later: list[tuple[Waiting, tuple[Entity, int]]] = []
        for row in rows:
            one = known.get(row.local_id)
            if one is None or not goes(one, links.get(row.local_id)):
                nothing.append(row)
            elif one.needs:
                later.append((row, min(one.needs)))
            else:
                what = plan(self.remote, row, one, links.get(row.local_id),
                            asks.get(row.local_id, frozenset()))  # fmt: skip
                if what is None:
                    nothing.append(row)
                else:
                    plans.append(what)
        self._put_off(later, {need for row in known.values() for need in row.needs}, now)
        self._drop(nothing)
        for group in _groups(plans):
            self._send(entity, group)
        return True

    def _drop(self, rows: Sequence[Waiting]) -> None:
        if rows:
            with self.store.books() as books:
                for row in rows:
                    self._leave(books, row)

    def _put_off(
        self, rows: Sequence[tuple[Waiting, tuple[Entity, int]]], wanted: set[tuple[Entity, int]],
        now: int,
    ) -> None:  # fmt: skip
        """Objects that refer to something that has yet to go: that is queued, they come after it.
        What depends on something that failed waits with it, and says on what."""
        if not rows:
            return
        with self.store.books() as books:
            for entity in ENTITIES:
                ids = [key for kind, key in wanted if kind == entity]
                outbox.want(books, self.id, entity, ids, now=now, wakes=False)
            books.update(
                "sync_queue",
                [{"id": row.id, "next_at": now + _PAUSES[-1] * _SECOND,
                  "detail": f"{DEPENDS} {need[0]} {need[1]}"} for row, need in rows],
            )  # fmt: skip

    def _wake(self) -> None:
        """What waited for something that is there now, or never will be, waits no longer."""
        with self.store.read() as r:
            rows = r.rows(
                "SELECT q.id FROM sync_queue q WHERE q.remote_id = ?1 AND q.state = 'waiting' "
                "AND q.detail LIKE 'depends %' AND NOT EXISTS (SELECT 1 FROM sync_queue n "
                "WHERE n.remote_id = ?1 AND n.state <> 'discarded' "
                "AND q.detail = 'depends ' || n.entity || ' ' || n.local_id)",
                (self.id,),
            )
        if rows:
            now = self.clock.now()
            with self.store.books() as books:
                books.update(
                    "sync_queue", [{"id": row[0], "next_at": now, "detail": None} for row in rows]
                )

    # -- sending --------------------------------------------------------------------------------

    def _send(self, entity: Entity, plans: list[Plan]) -> None:
        """Send plans that are all of new objects, or all of known ones."""
        news = plans[0].link is None
        if not news and self._meets is not None and entity != "note":
            plans = self._unchanged(entity, plans)
        elif news and entity == "deal":
            plans = [each.arriving(0, leaves=self.remote.tells_making) for each in plans]
        plans = self._claimed([each for each in plans if each.draft.fields or news])
        if not plans:
            return
        call = self.remote.create if news else self.remote.update
        whole: Failure | None = None
        try:
            outcomes: Sequence[Outcome] = call(entity, [each.draft for each in plans])
        except Failure as failure:
            whole = failure
            outcomes = [Outcome(each.uid, failure=failure) for each in plans]
        by_uid = {outcome.uid: outcome for outcome in outcomes}
        lost = Failure(Kind.UNKNOWN)
        pairs = [(each, by_uid.get(each.uid, Outcome(each.uid, failure=lost))) for each in plans]
        if whole is not None and whole.kind is Kind.INVALID and len(plans) > 1:
            self._alone(plans, whole, news)
        else:
            self._settle(entity, pairs, news)
        self._after_call(entity, [outcome.failure for _, outcome in pairs], whole)

    def _after_call(
        self, entity: Entity, failures: Sequence[Failure | None], whole: Failure | None
    ) -> None:
        """Whether anything else is to be tried after this call."""
        found = [failure for failure in failures if failure is not None]
        for failure in found:
            if failure.kind in STOPPING:
                raise failure
        paused = [failure for failure in found if failure.kind is Kind.PAUSED]
        barred = [failure for failure in found if _lacks_a_right(failure)]
        if paused or (barred and len(barred) == len(failures)):
            raise (paused or barred)[0]
        silent = whole is not None and whole.kind in (Kind.UNKNOWN, Kind.MALFORMED)
        self._silent = self._silent + 1 if silent else 0
        if whole is not None and self._silent >= _SILENT:
            self._silent = 0
            raise whole

    def _unchanged(self, entity: Entity, plans: list[Plan]) -> list[Plan]:
        """Those that stand there as agreed. The others are merged first and planned anew."""
        there = self.remote.get(entity, [each.draft.far_id for each in plans])
        gone = [each for each in plans if each.draft.far_id not in there]
        lost = Failure(Kind.GONE)
        self._settle(entity, [(each, Outcome(each.uid, failure=lost)) for each in gone], False)
        same: list[Plan] = []
        other: list[Plan] = []
        for each in plans:
            record = there.get(each.draft.far_id)
            if record is not None and each.link is not None:
                anew = each.asks and not (each.draft.fields and self._met[each.row.id])
                if anew or differs(each.link, record, each.held, each.asks):
                    other.append(each)
                else:
                    same.append(each.arriving(record.at))
        if other:
            assert self._meets is not None
            self._meets(entity, [there[each.draft.far_id] for each in other])
            with self.store.books() as books:
                for each in other:
                    self._meeting(books, each)
        return same

    def _meeting(self, books: Books, each: Plan) -> None:
        """A row whose object was merged: planned anew, unless a person has to decide about all of
        it, or somebody changes it there all the time."""
        row = each.row
        self._met[row.id] += 1
        if each.asks and not each.draft.fields:
            self._leave(books, row)
        elif self._met[row.id] >= _MEETINGS:
            self._later(books, row)

    def _later(self, books: Books, row: Waiting) -> None:
        at = self.clock.now() + _PAUSES[0] * _SECOND
        books.update("sync_queue", [{"id": row.id, "next_at": at}])

    def _claimed(self, plans: list[Plan]) -> list[Plan]:
        """Record that they are being sent; those that somebody else has taken meanwhile are not."""
        if not plans:
            return []
        with self.store.books() as books:
            free = {
                row[0]
                for row in books.rows_of(
                    "SELECT id FROM sync_queue WHERE state = 'waiting' AND id IN ({ids})",
                    [each.row.id for each in plans],
                )
            }
            found = [each for each in plans if each.row.id in free]
            books.update(
                "sync_queue",
                [{"id": each.row.id, "state": "sending", "sending_upto": each.row.last_change,
                  "sent": None if each.link is not None else packed(each.draft.fields),
                  "tries": each.row.tries + 1} for each in found],
            )  # fmt: skip
        return found

    def _alone(self, plans: Sequence[Plan], failure: Failure, news: bool) -> None:
        """A whole call was refused for something in it: each goes alone. New ones are looked up
        before, for some may have been made."""
        now, kind = self.clock.now(), failure.kind.value
        state = "unknown" if news else "waiting"
        with self.store.books() as books:
            books.update(
                "sync_queue",
                [{"id": each.row.id, "state": state, "next_at": now + news * SETTLES,
                  "failure": kind, "detail": failure.detail} for each in plans],
            )  # fmt: skip

    def _settle(self, entity: Entity, pairs: Sequence[tuple[Plan, Outcome]], news: bool) -> None:
        """Write down what came of each."""
        if not pairs:
            return
        now = self.clock.now()
        made: list[int] = []
        barred = all(_lacks_a_right(outcome.failure) for _, outcome in pairs)
        with self.store.books() as books:
            for each, outcome in pairs:
                failure = outcome.failure
                if failure is None:
                    lacks = dropped(each, outcome.record)
                    failure = refusal(lacks)
                    self._arrived(books, entity, each, outcome, lacks, now)
                    self.sent.pushed += 1
                    self.sent.made += news
                    made += [each.row.local_id] * news
                if failure is None:
                    self._leave(books, each.row)
                    continue
                row = self._after(each, failure, news, now, barred=barred)
                books.update("sync_queue", [row])
                self.sent.failed += row["state"] == "failed"
                if failure.kind is Kind.GONE and each.link is not None:
                    books.update("sync_link", [{"id": each.link.id, "state": "gone"}])
            if entity == "deal":
                self._with_deals(books, made, now)

    def _with_deals(self, books: Books, deals: Sequence[int], now: int) -> None:
        """What belongs to deals that are new there, and was left out as long as they were not."""
        for kind, sql in _WITHIN.items():
            keys = [row[0] for row in books.rows_of(sql, deals)]
            keys = sorted(set(keys) - maps.links_of(books, self.id, kind, keys).keys())
            outbox.want(books, self.id, kind, keys, now=now, wakes=False)

    def _arrived(
        self, books: Books, entity: Entity, each: Plan, outcome: Outcome, lacks: Sequence[str],
        now: int,
    ) -> None:  # fmt: skip
        """The object is there: what was sent is agreed upon, but for what was dropped."""
        record = outcome.record
        before = each.link.agreed if each.link is not None else each.held
        agreed = {**before, **each.draft.fields}
        if record is not None:
            agreed |= {name: record.fields[name] for name in lacks}
        link(
            books, self.id, entity, each.row.local_id,
            outcome.far_id or each.draft.far_id, agreed, record.at if record else 0,
        )  # fmt: skip
        if entity == "deal" and each.draft.fields.keys() & {"moves", "stage"}:
            at = record.at if record is not None and record.at else now
            note_pushed(books, self.id, each.row.local_id, at, moved="stage" in each.draft.fields)

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

    def _after(
        self, each: Plan, failure: Failure, news: bool, now: int, *, barred: bool
    ) -> dict[str, Value]:
        """The row of an object that did not go. ``barred``: nor did any other of the call, for the
        right to them is missing: they wait until it is granted."""
        kind, row = failure.kind, each.row
        said: dict[str, Value] = {
            "id": row.id, "failure": kind.value, "detail": failure.detail or failure.field,
        }  # fmt: skip
        if kind in (Kind.INVALID, Kind.GONE) or (kind is Kind.PERMISSION and not barred):
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
        while True:
            now = self.clock.now()
            with self.store.read() as r:
                rows = outbox.due(r, self.id, entity, "unknown", now=now, limit=self.remote.batch)
                if not rows:
                    return
                ids = [row.local_id for row in rows]
                known = local.records(r, self.id, self.mapping, entity, ids)
                links = maps.links_of(r, self.id, entity, ids)
            uids = {known[key].uid: key for key in ids if key in known and key not in links}
            deals: dict[str, list[str]] = {}
            for uid, key in uids.items():
                deals.setdefault(str(known[key].fields.get("deal") or ""), []).append(uid)
            found: dict[str, FarRecord] = {}
            for within, wanted in deals.items():
                found |= self.remote.find(entity, wanted, within)
            with self.store.books() as books:
                for uid, record in found.items():
                    key = uids[uid]
                    agreed = sent(books, self.id, known[key], record, self.remote)
                    adopt(books, self.id, record, key, agreed)
                books.update(
                    "sync_queue",
                    [{"id": row.id, "state": "waiting", "next_at": now} for row in rows],
                )
            if self._meets is not None and entity != "note":  # somebody may have changed it since
                self._meets(entity, list(found.values()))

    # -- dry ------------------------------------------------------------------------------------

    def _tell(self) -> None:
        """What would go, with what it depends on."""
        found: dict[tuple[Entity, int], bool] = {}
        for entity in reversed(ENTITIES):
            with self.store.read() as r:
                rows = [
                    row for row in outbox.lines(r, self.id, limit=-1)
                    if row.entity == entity and row.state in ("waiting", "sending", "unknown")
                ]  # fmt: skip
                wanted = [key for kind, key in found if kind == entity]
                ids = sorted({row.local_id for row in rows} | set(wanted))
                known = local.records(r, self.id, self.mapping, entity, ids)
                links = maps.links_of(r, self.id, entity, ids)
            queued = {row.local_id: row for row in rows}
            for key, one in known.items():
                there = links.get(key)
                found.pop((entity, key), None)
                if not goes(one, there):
                    continue
                row = queued.get(key)
                if there is None or (
                    row and plan(self.remote, row, one, there, frozenset()) is not None
                ):
                    found[entity, key] = there is None
                    found.update(dict.fromkeys(one.needs, True))
        self.sent.dry = [
            (entity, key, found[entity, key])
            for entity in ENTITIES
            for key in sorted(key for kind, key in found if kind == entity)
        ]


def _lacks_a_right(failure: Failure | None) -> bool:
    return failure is not None and failure.kind is Kind.PERMISSION


def _groups(plans: Sequence[Plan]) -> list[list[Plan]]:
    """What goes in one call: new objects, known ones, and alone what was once refused."""
    alone = [[each] for each in plans if each.row.failure == Kind.INVALID.value]
    rest = [each for each in plans if each.row.failure != Kind.INVALID.value]
    both = [[each for each in rest if (each.link is None) == news] for news in (True, False)]
    return [group for group in both if group] + alone
