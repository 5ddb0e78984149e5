"""Bitrix24 by an incoming webhook: the universal ``crm.item.*`` methods, classic tasks, comments.

One request may hold fifty calls (``batch``): it counts once for the portal's bucket and answers
each call on its own. Creating is not idempotent there: our identifier travels as ``originId`` and
is looked up before any repeat. Leads may be read as deals of a pipeline of their own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from decimal import Decimal
from typing import Any

from salesdesk.moments import Zone
from salesdesk.services.sync import bitrix24_asking as asking
from salesdesk.services.sync import bitrix24_people as people
from salesdesk.services.sync import bitrix24_rows as rows
from salesdesk.services.sync import bitrix24_setup as setup
from salesdesk.services.sync.bitrix24_portal import BATCH, Call, Portal, Referred
from salesdesk.services.sync.bitrix24_rows import ENTITY_TYPES, LEAD, LEAD_TYPE, ORIGINATOR
from salesdesk.services.sync.bitrix24_writing import Writing
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.pace import Clock, Pace
from salesdesk.services.sync.remote import (
    Account,
    Draft,
    Entity,
    FarMove,
    FarRecord,
    Outcome,
    Page,
    Place,
    Stream,
    Structure,
    Value,
    WantedField,
)

#: Two requests a second drain from the portal's bucket of fifty; all seats of an office share it,
#: and so does what ran here a moment ago.
RATE, BURST, FIRST = 2.0, 45.0, 20.0
PAGE = 50
_SECOND = 1_000_000
_OVERLAP = 120 * _SECOND
#: The part of a cursor that walks the leads, after the deals.
_LEADS = "l"
#: Deals whose lines are asked for in one call: they seldom have more than a page together.
_TOGETHER = 5
#: Pages of a long walk that one request asks for: the lines of so many deals fill one, too.
_AHEAD = _TOGETHER * BATCH // PAGE
#: Seconds that one request for several pages may take: far below where it would be cut off.
_PATIENCE = 10.0


class Bitrix24:
    """One portal. ``url`` is the webhook's address up to and with its secret; ``leads``: they are
    read as deals, too."""

    kind = "bitrix24"
    batch = BATCH
    publishes_to: frozenset[Place] = frozenset({"deal", "person"})
    tells_making = True

    def __init__(
        self, url: str, clock: Clock, zone: Zone, *, pace: Pace | None = None,
        plain_http: bool = False, leads: bool = False,
    ) -> None:  # fmt: skip
        self._clock = clock
        self._zone = zone
        self._leads = leads
        pace = pace or Pace(clock, RATE, BURST, first=FIRST)
        self.portal = Portal(url, clock, pace, plain_http=plain_http)
        self._moves_field = ""
        self._writing = Writing(self.portal)
        #: Pages that one request may ask for, and the seconds that the last of them took.
        self._most, self._took = _AHEAD, float(_PATIENCE)
        self._tells_activity = True

    @property
    def holds(self) -> Mapping[Entity, frozenset[str]]:
        """What it can hold; the moves travel once their field is there."""
        return rows.HOLDS if self._moves_field else rows.HOLDS_WITHOUT_MOVES

    @property
    def moved(self) -> str:
        """The address that the portal has moved to, without the secret; "" while it has not."""
        return self.portal.moved

    def rest_until(self, moment: int) -> None:
        """Call nothing before a moment: an earlier run was told that the address is blocked."""
        self.portal.wire.breaker.open_until(moment)

    def close(self) -> None:
        """Give the connections back."""
        self.portal.wire.close()

    # -- who and what ---------------------------------------------------------------------------

    def check(self) -> Account:
        """Whether the webhook works, and which scopes it lacks."""
        return setup.check(self.portal)

    def structure(self) -> Structure:
        """Pipelines with their stages, people, custom fields."""
        return setup.structure(self.portal, leads=self._leads)

    def make_fields(self, wanted: Sequence[WantedField]) -> Mapping[str, str]:
        """Make the custom fields of deals and users that are not there yet."""
        made = {
            **setup.make_fields(self.portal, wanted), **people.make_fields(self.portal, wanted),
        }  # fmt: skip
        self.use_fields(made)
        return made

    def use_fields(self, known: Mapping[str, str]) -> None:
        """Work with fields that were made before."""
        self._moves_field = self._writing.moves_field = known.get("moves", "")

    # -- reading --------------------------------------------------------------------------------

    def page(self, stream: Stream, cursor: str) -> Page:
        """The next page. Records are walked by id inside a window that begins where the last one
        ended, by the portal's clock and with an overlap: ``since:id:until``, and what follows it
        for leads."""
        if stream == "deleted":  # a webhook is not told of them
            return Page(cursor, False, self._clock.now())
        if stream == "move":
            return self._history_page(cursor)
        if stream == "task":
            return self._task_page(cursor)
        if stream == "note":
            return self._note_page(cursor)
        if stream == "deal" and self._leads:
            return self._deal_or_lead_page(cursor)
        return self._item_page(ENTITY_TYPES[stream], stream, cursor)

    def _deal_or_lead_page(self, cursor: str) -> Page:
        """Deals to their end, then leads: ``deals|leads|which``."""
        deals, leads, at = (*cursor.split("|"), "", "", "")[:3]
        on_leads = at == _LEADS
        kind = LEAD_TYPE if on_leads else ENTITY_TYPES["deal"]
        found = self._item_page(kind, "deal", leads if on_leads else deals)
        if on_leads:
            following = f"{deals}|{found.cursor}|{_LEADS if found.more else ''}"
        else:
            following = f"{found.cursor}|{leads}|{'' if found.more else _LEADS}"
        return Page(following, found.more or not on_leads, found.clock, found.records)

    def _item_page(self, kind: int, entity: Entity, cursor: str) -> Page:
        since, after, until = asking.cursor(cursor)
        items, more = self._walk(self._items_behind(kind, since), after, "items")
        following = self._following(items, more, since, after, until)
        found = tuple(self._record(kind, entity, one) for one in items)
        return Page(following, more, self.portal.now, found)

    def _walk(
        self, call: Callable[[int | Referred], Call], after: int, name: str
    ) -> tuple[list[Mapping[str, Any]], bool]:
        """What stands behind an id: a page, and where that is not the first of its walk also those
        that follow it, by the same request; and whether there may be more."""
        found: list[Mapping[str, Any]] = []
        for answer in self._pages(call, after, f"[{name}][{PAGE - 1}][id]"):
            page = _of(answer, name)
            if found and (not page or _id(page[0]) <= _id(found[-1])):
                return found, True  # it may not know what is referred to: asked again from there
            found += page
            if len(page) < PAGE:
                return found, False
        return found, True

    def _pages(self, call: Callable[[int | Referred], Call], after: int, last: str) -> list[Any]:
        """Answers for one page, or for as many as the portal gives in good time: a call that takes
        too long is cut off, and would be at every try."""
        many = min(self._most, int(_PATIENCE / max(self._took, 1e-3))) if after else 1
        begun = self._clock.now()
        if many > 1:
            try:
                found = list(self.portal.chain(call, after, last, many))
            except Failure as failure:
                if failure.kind is not Kind.MALFORMED:
                    raise
                self._most = many = 1  # too large an answer, perhaps
        if many <= 1:
            found = [self.portal.call(*call(after))]
        self._took = (self._clock.now() - begun) / _SECOND / max(many, 1)
        return found

    def _items_behind(
        self, kind: int, since: int, select: Sequence[str] = asking.ALL
    ) -> Callable[[int | Referred], Call]:
        """Asks for a page of items that changed since a moment, behind an id."""
        return lambda behind: asking.listed(
            kind, asking.window(">id", ">=updatedTime", since, behind, self._zone), select
        )

    def _tasks_behind(self, since: int) -> Callable[[int | Referred], Call]:
        return lambda behind: asking.tasks_of(
            asking.window(">ID", ">=CHANGED_DATE", since, behind, self._zone)
        )

    def _following(
        self, items: Sequence[Mapping[str, Any]], more: bool, since: int, after: int, until: int
    ) -> str:
        """The cursor behind what was read."""
        until = until or self.portal.now
        if not more:
            return f"{max(since, until - _OVERLAP)}:0:0"
        last = max(map(_id, items), default=after)
        return f"{since}:{last}:{until}"

    def _items(
        self, kind: int, chosen: Mapping[str, Any], select: Sequence[str] = asking.ALL
    ) -> list[Mapping[str, Any]]:
        """A page of items by their ids."""
        return _of(self.portal.call(*asking.listed(kind, chosen, select)), "items")

    def _task_page(self, cursor: str) -> Page:
        since, after, until = asking.cursor(cursor)
        items, more = self._walk(self._tasks_behind(since), after, "tasks")
        following = self._following(items, more, since, after, until)
        found = (rows.task(one) for one in items)
        of_deals = (one for one in found if one is not None and (one.uid or one.fields.get("deal")))
        return Page(following, more, self.portal.now, tuple(of_deals))

    def _tasks(self, chosen: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """A page of tasks by their ids."""
        return _of(self.portal.call(*asking.tasks_of(chosen)), "tasks")

    def _note_page(self, cursor: str) -> Page:
        """Comments are read with their deals: those of deals that changed or in which something
        happened (a comment is no change of its deal), the first time those of deals that are
        open."""
        since, after, until = asking.cursor(cursor)
        items, more = self._walk_of_notes(since, after)
        following = self._following(items, more, since, after, until)
        clock = self.portal.now
        deals = [
            str(one["id"]) for one in items
            if since or str(one.get("stageSemanticId") or "P") not in rows.SEMANTICS
        ]  # fmt: skip
        return Page(following, more, clock, tuple(self._comments(deals)))

    def _walk_of_notes(self, since: int, after: int) -> tuple[list[Mapping[str, Any]], bool]:
        deal, select = ENTITY_TYPES["deal"], ("id", "stageSemanticId")
        if since and self._tells_activity:
            try:
                return self._walk(
                    lambda behind: asking.listed(
                        deal, asking.happened(since, behind, self._zone), select
                    ),
                    after, "items",
                )  # fmt: skip
            except Failure as failure:
                if failure.kind is not Kind.INVALID:  # else it would be passed by
                    raise
                self._tells_activity = False  # a portal that does not know this can tell changes
        return self._walk(self._items_behind(deal, since, select), after, "items")

    def _comments(self, deals: Sequence[str]) -> Iterator[FarRecord]:
        """The comments of deals, page after page of each."""
        left = dict.fromkeys(deals, 0)
        while left:
            calls = {deal: asking.comments_of(deal, start) for deal, start in left.items()}
            answers = self.portal.many(calls, writes=False)
            full = {}
            for deal, start in left.items():
                found = answers.get(deal)
                if isinstance(found, Failure):
                    raise found
                lines = list(found.values()) if isinstance(found, dict) else list(found or ())
                yield from (rows.note(one, deal) for one in lines)
                if len(lines) == PAGE:
                    full[deal] = start + PAGE
            left = full

    def within(self, deals: Sequence[str]) -> Sequence[FarRecord]:
        """Tasks and comments of deals, each deal a call of one request."""
        found: list[FarRecord] = []
        after = dict.fromkeys(deals, 0)
        while after:
            calls = {deal: asking.tasks_of({"UF_CRM_TASK": rows.bound(deal), ">ID": last})
                     for deal, last in after.items()}  # fmt: skip
            full = {}
            for deal, answer in self._answers(calls):
                items = list((answer or {}).get("tasks") or ())
                found += [one for one in map(rows.task, items) if one is not None]
                if len(items) >= PAGE:
                    full[deal] = max(map(_id, items))
            after = full
        return [*found, *self._comments(deals)]

    def _history_page(self, cursor: str) -> Page:
        deals, leads = (*cursor.split("|"), "")[:2]
        moves, last, more = self._history(ENTITY_TYPES["deal"], {">ID": int(deals or 0)})
        following = str(last or deals or 0)
        if self._leads:
            others, last, has_others = self._history(LEAD_TYPE, {">ID": int(leads or 0)})
            following = f"{following}|{last or leads or 0}"
            more = more or has_others
            moves += others
        return Page(following, more, self.portal.now, moves=tuple(moves))

    def _history(
        self, kind: int, chosen: Mapping[str, Any], way: str = "ASC"
    ) -> tuple[list[FarMove], int, bool]:
        """A page of the history of stages, its last id, and whether it is a full one."""
        return _moves(kind, self.portal.call(*asking.lines_of(kind, chosen, way)))

    def present(self, stream: Stream) -> str:
        """The newest line of the history; the other streams tell by their windows."""
        if stream != "move":
            return ""
        deals = self._history(ENTITY_TYPES["deal"], {}, "DESC")[1]
        return f"{deals}|{self._history(LEAD_TYPE, {}, 'DESC')[1]}" if self._leads else str(deals)

    def count(self, stream: Stream) -> int | None:
        """Lines of the history, and tasks, are counted by the portal."""
        if stream == "task":
            calls = [("tasks.task.list", {"filter": {}, "select": ["ID"], "start": 0})]
        elif stream == "move":
            kinds = (ENTITY_TYPES["deal"], LEAD_TYPE)[: 1 + self._leads]
            calls = [
                (asking.HISTORY, {**asking.lines_of(kind, {})[1], "start": 0}) for kind in kinds
            ]
        else:
            return None
        totals: list[Any] = [self.portal.answer(*call).get("total") for call in calls]
        return sum(totals) if all(isinstance(one, int) for one in totals) else None

    def moves_of(self, deals: Sequence[str]) -> Sequence[FarMove]:
        """The history of some deals, walked by its ids: a few deals a call, all calls in one
        request."""
        left = {
            f"{kind}:{start}": (kind, [rows.number(one) for one in keys[start : start + _TOGETHER]])
            for kind, keys in _by_kind("deal", deals)
            for start in range(0, len(keys), _TOGETHER)
        }
        after = dict.fromkeys(left, 0)
        found: list[FarMove] = []
        while left:
            calls = {name: asking.lines_of(kind, {">ID": after[name], "@OWNER_ID": keys})
                     for name, (kind, keys) in left.items()}  # fmt: skip
            full = {}
            for name, answer in self._answers(calls):
                kind, keys = left[name]
                moves, after[name], is_full = _moves(kind, answer)
                found += moves
                if is_full:
                    full[name] = kind, keys
            left = full
        return found

    def find(
        self, entity: Entity, uids: Sequence[str], within: str = ""
    ) -> Mapping[str, FarRecord]:
        """Objects that carry our identifiers."""
        if entity == "note":
            found = self._comments([within] if within else [])
            return {one.uid: one for one in found if one.uid is not None and one.uid in uids}
        if entity == "task":
            return self._find_tasks(uids, within)
        kind = ENTITY_TYPES[entity]
        there: dict[str, FarRecord] = {}
        for start in range(0, len(uids), PAGE // 2):  # doubles of colleagues have room
            part = list(uids[start : start + PAGE // 2])
            after = 0
            while True:
                chosen = {"originatorId": ORIGINATOR, "@originId": part, ">id": after}
                items = self._items(kind, chosen)
                for one in items:
                    record = self._record(kind, entity, one)
                    if record.uid in part:
                        there.setdefault(record.uid, record)  # the oldest of doubles
                if len(items) < PAGE:
                    break
                after = max(map(_id, items))
        return there

    def _find_tasks(self, uids: Sequence[str], within: str) -> Mapping[str, FarRecord]:
        """Tasks are not searched by our identifier: those of the deal are looked through, without
        one all of them."""
        chosen: dict[str, Any] = {"UF_CRM_TASK": rows.bound(within)} if within else {}
        found: dict[str, FarRecord] = {}
        after = 0
        while True:
            items = self._tasks({**chosen, ">ID": after})
            for one in items:
                record = rows.task(one)
                if record is not None and record.uid is not None and record.uid in uids:
                    found.setdefault(record.uid, record)
            if len(items) < PAGE or len(found) == len(uids):
                return found
            after = max(map(_id, items))

    def get(self, entity: Entity, far_ids: Sequence[str]) -> Mapping[str, FarRecord]:
        """The objects as they stand. Comments are read with their deal alone."""
        if entity == "note":
            return {}
        if entity == "task":
            return self._writing.tasks(far_ids)
        found: dict[str, FarRecord] = {}
        for kind, keys in _by_kind(entity, far_ids):
            for start in range(0, len(keys), PAGE):
                part = [rows.number(one) for one in keys[start : start + PAGE]]
                for one in self._items(kind, {"@id": part}):
                    record = self._record(kind, entity, one)
                    found[record.far_id] = record
        return found

    @property
    def sweep(self) -> int:
        """One request of fifty calls, each about fifty keys."""
        return PAGE * BATCH

    def standing(self, entity: Entity, far_ids: Sequence[str]) -> Set[str]:
        """Their keys alone are asked for."""
        calls: dict[str, Call] = {}
        prefix: dict[str, str] = {}
        for kind, keys in _by_kind(entity, far_ids):
            for start in range(0, len(keys), PAGE):
                name = f"{kind}:{start}"
                part = [rows.number(one) for one in keys[start : start + PAGE]]
                calls[name] = asking.listed(kind, {"@id": part}, ("id",))
                prefix[name] = LEAD if kind == LEAD_TYPE else ""
        found: set[str] = set()
        for name, answer in self._answers(calls):
            found |= {f"{prefix[name]}{one['id']}" for one in (answer or {}).get("items") or ()}
        return found

    def _answers(self, calls: Mapping[str, Call]) -> Iterator[tuple[str, Any]]:
        """What many calls were answered with; raises where one was not."""
        answers = self.portal.many(calls, writes=False)
        for name, (method, _) in calls.items():
            answer = answers.get(name)
            if isinstance(answer, Failure):
                raise answer
            if answer is None:
                raise Failure(Kind.MALFORMED, method=method)
            yield name, answer

    def _record(self, kind: int, entity: Entity, item: Mapping[str, Any]) -> FarRecord:
        if kind == LEAD_TYPE:
            return rows.lead(item, self._zone)
        return rows.record(entity, item, self._zone, self._moves_field)

    # -- writing --------------------------------------------------------------------------------

    def as_held(self, entity: Entity, fields: Mapping[str, Value]) -> Mapping[str, Value]:
        """Whole seconds; amounts to the hundredth; texts without blanks at their ends."""
        return {name: _held(name, value) for name, value in fields.items()}

    def create(self, entity: Entity, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """Make objects, fifty in a request."""
        return self._writing.create(entity, drafts, self._read)

    def update(self, entity: Entity, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """Set fields, fifty in a request. A task's end is a method of its own."""
        return self._writing.update(entity, drafts, self._read)

    def _read(self, entity: Entity, item: Mapping[str, Any], far_id: str) -> FarRecord:
        kind = LEAD_TYPE if far_id.startswith(LEAD) else ENTITY_TYPES[entity]
        return self._record(kind, entity, item)

    def publish(self, rows_: Sequence[Mapping[str, Value]]) -> None:
        """Results of the ranking into the fields of deals and users."""
        self._writing.publish(rows_)


def _moves(kind: int, answer: Any) -> tuple[list[FarMove], int, bool]:
    """The lines of an answer, the highest id among them, and whether there may be more. A line
    without an id is passed over: it could not be known again. Where none has one nobody can ask
    for what stands behind."""
    lines = list((answer or {}).get("items") or ())
    moves = [rows.move(one, kind == LEAD_TYPE) for one in lines if rows.has_id(one)]
    last = max((int(one.far_id.removeprefix(LEAD)) for one in moves), default=0)
    return moves, last, len(lines) >= PAGE and last > 0


def _of(answer: Any, name: str) -> list[Mapping[str, Any]]:
    """The rows of a list's answer."""
    return list((answer or {}).get(name) or ())


def _id(row: Mapping[str, Any]) -> int:
    return int(str(row["id"]))


def _by_kind(entity: Entity, keys: Sequence[str]) -> list[tuple[int, list[str]]]:
    """Keys by the type of item: leads among the deals are another. What is no number is nobody's
    key there."""
    real = [key for key in keys if rows.is_key(key)]
    own = [key for key in real if not key.startswith(LEAD)]
    leads = [key for key in real if key.startswith(LEAD)]
    return [(ENTITY_TYPES[entity], own), (LEAD_TYPE, leads)]


def _held(name: str, value: Value) -> Value:
    if name in ("due_at", "at", "created_at") and isinstance(value, int):
        return value - value % _SECOND
    if isinstance(value, Decimal):
        return value.quantize(Decimal("0.01")).normalize() or None
    return value.strip() if isinstance(value, str) else value
