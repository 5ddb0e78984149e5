"""The sync as people see it: what waits, failed, was sent, set aside, and is to be decided.

Questions only, as frozen rows; the verbs are in ``deciding``. People are shown what they may
decide: of colleagues' records only how many there are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from salesdesk.services import rights
from salesdesk.services.records import Asks
from salesdesk.services.sync import maps, options, outbox, publish, publishing, reasons, rounds
from salesdesk.services.sync.clashes import Clash, Key, Record, Ruled, clashes, records, ruled
from salesdesk.services.sync.maps import Connection
from salesdesk.services.sync.merge import Rule
from salesdesk.services.sync.options import Automates
from salesdesk.services.sync.outbox import Waiting
from salesdesk.services.sync.publishing import Claim
from salesdesk.services.sync.pull import STREAMS, open_clashes
from salesdesk.services.sync.remote import ENTITIES, Entity
from salesdesk.services.sync.taking import NO_STAGE

#: So many lines of each list are read at most; the counts count all.
MOST = 200
_NAMED = 50
_ROUNDS = 30
#: For how long it is shown what a rule decided, and how much of it.
_LATELY, _RULED = 7 * 24 * 3600 * 1_000_000, 8


@dataclass(frozen=True, slots=True)
class Brief:
    """How the sync stands in a few numbers. ``stopped`` is the class of failure (a value of
    ``failures.Kind``) that a person must see to (where a right is missing the rest goes on),
    ``trouble`` the one that ended the last round; ``aside`` counts records of the other end that
    could not be taken over, ``others`` failures and conflicts of colleagues' records. Moments µs
    UTC."""

    kind: str
    account: str
    paused: bool
    stopped: str | None
    waiting: int
    failed: int
    conflicts: int
    unknown: int
    aside: int
    oldest: int | None
    last_success: int | None
    trouble: str | None
    others: int = 0

    @property
    def needs(self) -> int:
        """How many things need this person."""
        return self.failed + self.conflicts - self.others + (self.stopped is not None)


@dataclass(frozen=True, slots=True)
class Group:
    """What waits of one kind: how many, the first of them, the oldest change."""

    entity: Entity
    count: int
    records: tuple[Record, ...]
    oldest: int


@dataclass(frozen=True, slots=True)
class Failed:
    """An object that the other end did not take; ``failure`` is a value of ``failures.Kind``.
    ``gone``: it was there, and is not any more."""

    id: int
    record: Record
    failure: str | None
    detail: str
    at: int
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Aside:
    """A record of the other end that could not be taken over, and why (``reasons.told``);
    ``lacks_partner``: for its stage has none here."""

    id: int
    stream: str
    far_id: str
    title: str
    reason: str
    at: int
    lacks_partner: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """A round; ``ended_at`` is empty for one that goes on or was cut off."""

    started_at: int
    ended_at: int | None
    pushed: int
    pulled: int
    failed: int
    problem: str | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stream was read."""

    name: str
    read: int
    total: int | None
    first_done: bool
    complete_at: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the page. ``others`` counts failures and conflicts of colleagues' records,
    ``ruled`` is what a rule decided lately."""

    brief: Brief
    waiting: tuple[Group, ...] = ()
    failed: tuple[Failed, ...] = ()
    clashes: tuple[Clash, ...] = ()
    others: int = 0
    aside: tuple[Aside, ...] = ()
    rounds: tuple[Round, ...] = ()
    streams: tuple[Progress, ...] = field(default=())
    ruled: tuple[Ruled, ...] = ()

    @property
    def is_first_pull(self) -> bool:
        """Whether not everything was read once."""
        return not all(one.first_done for one in self.streams) or len(self.streams) < len(STREAMS)


def brief(r: Asks, person_id: int | None) -> Brief | None:
    """How the sync stands for somebody; None where no CRM is connected."""
    found = maps.connection(r)
    if found is None:
        return None
    return _brief(r, found, _decidable(r, person_id, found.id)[1])


def _brief(r: Asks, found: Connection, others: int = 0) -> Brief:
    now = rounds.status(r)
    last = r.row(
        "SELECT problem FROM sync_round WHERE remote_id = ? AND ended_at IS NOT NULL "
        "ORDER BY id DESC LIMIT 1",
        (found.id,),
    )
    aside = r.value("SELECT count(*) FROM sync_aside WHERE remote_id = ?", (found.id,))
    return Brief(
        found.kind, found.account, options.is_paused(found.options),
        found.problem,
        now.waiting + now.unknown, now.failed, now.conflicts, now.unknown,
        aside, now.oldest_unsent, now.last_success, last[0] if last else None, others,
    )  # fmt: skip


def overview(r: Any, person_id: int | None, *, now: int) -> Overview | None:
    """Everything that the page shows somebody; None where no CRM is connected."""
    found = maps.connection(r)
    if found is None:
        return None
    mine, others = _decidable(r, person_id, found.id)
    queue = [row for row in outbox.lines(r, found.id, limit=MOST * 5) if row.state == "failed"]
    asked = open_clashes(r, found.id)
    keys = [(one.entity, one.local_id) for one in queue]
    keys += [(one.entity, one.local_id) for one in asked]
    known, gone = records(r, keys), outbox.gone(r, found.id)
    return Overview(
        _brief(r, found, others),
        _waiting(r, found.id, person_id),
        tuple(_failed(row, known, gone) for row in queue
              if (row.entity, row.local_id) in mine)[:MOST],
        tuple(clashes(r, found, [c for c in asked if (c.entity, c.local_id) in mine][:MOST],
                      known)),
        others, _aside(r, found, rights.seen_people(r, person_id) is None),
        _rounds(r, found.id), streams(r, found.id), _ruled(r, found, person_id, now),
    )  # fmt: skip


def _ruled(r: Asks, connection: Connection, person_id: int | None, now: int) -> tuple[Ruled, ...]:
    """What a rule decided lately, of the records that somebody may change: the last of it."""
    found = ruled(r, connection, now - _LATELY)
    return tuple(islice((one for one in found if may_decide(r, person_id, one.record)), _RULED))


@dataclass(frozen=True, slots=True)
class Choices:
    """What an administrator chooses: who makes the tasks by synced pipeline (id, name, who), the
    rule of each field, whether this computer publishes the ranking or ``other`` does, the local day
    (ordinal) from which moves of the CRM's history count, which ``results`` go where."""

    brief: Brief
    pipelines: tuple[tuple[int, str, Automates], ...]
    rules: tuple[tuple[Entity, str, Rule], ...]
    publishes: bool
    results: publish.Chosen
    other: Claim | None = None
    counts_from: int | None = None


def choices(r: Asks) -> Choices | None:
    """The choices of the connection; None where no CRM is connected."""
    found = maps.connection(r)
    if found is None:
        return None
    rows = r.rows(
        "SELECT p.id, p.name FROM pipeline p JOIN sync_map m ON m.local_id = p.id "
        "WHERE m.remote_id = ? AND m.what = 'pipeline' AND p.deleted_at IS NULL "
        "ORDER BY p.position, p.id",
        (found.id,),
    )
    own = options.own_rules(found.options)
    return Choices(
        _brief(r, found),
        tuple((key, name, options.automates(found.options, key)) for key, name in rows),
        tuple((*field, own.get(field, known[0])) for field, known in options.CHOICES.items()),
        publishing.is_own(found),
        publish.chosen(found),
        publishing.other(found),
        options.counts_from(found.options),
    )


# -- records --------------------------------------------------------------------------------------

#: As what kind of record somebody may or may not change one.
_SUBJECTS = {"company": "client", "contact": "client", "deal": "deal", "task": "task",
             "note": "deal"}  # fmt: skip


def may_decide(r: Asks, person_id: int | None, record: Record) -> bool:
    """Whether somebody may decide about a record: whoever may change it."""
    subject = _SUBJECTS[record.entity]
    key = record.deal_id if subject == "deal" else record.id
    return key is None or rights.may(r, person_id, subject, key)


def _decidable(r: Asks, person_id: int | None, remote_id: int) -> tuple[set[Key], int]:
    """What failed or clashes and is somebody's to decide, and how many are not."""
    found = r.rows(
        "SELECT entity, local_id FROM sync_queue WHERE remote_id = ?1 AND state = 'failed' "
        "UNION ALL SELECT c.entity, c.local_id FROM sync_conflict c WHERE c.remote_id = ?1 "
        f"AND {maps.ASKED}",
        (remote_id,),
    )
    keys: list[Key] = [(row[0], row[1]) for row in found]
    if rights.seen_people(r, person_id) is None:
        return set(keys), 0
    known = records(r, keys)
    mine = {key for key, one in known.items() if may_decide(r, person_id, one)}
    return mine, sum(key not in mine for key in keys)


# -- what waits and failed ------------------------------------------------------------------------


def _waiting(r: Asks, remote_id: int, person_id: int | None) -> tuple[Group, ...]:
    """What waits: all of it counted, named what somebody may see."""
    found = []
    is_free = rights.seen_people(r, person_id) is None
    where = (
        "FROM sync_queue WHERE remote_id = ? AND entity = ? AND state NOT IN ('failed', "
        "'discarded')"
    )
    for entity in ENTITIES:
        count, oldest = r.row(f"SELECT count(*), min(at) {where}", (remote_id, entity)) or (0, 0)
        if not count:
            continue
        rows = r.rows(
            f"SELECT local_id, detail {where} ORDER BY at, id LIMIT ?", (remote_id, entity, _NAMED)
        )
        needs = {row[0]: need for row in rows if (need := reasons.need(row[1])) is not None}
        keys: list[Key] = [(entity, row[0]) for row in rows]
        known = records(r, [*keys, *needs.values()])
        first = tuple(
            replace(known[key], needs=known.get(needs[key[1]]) if key[1] in needs else None)
            for key in keys
            if key in known and (is_free or may_decide(r, person_id, known[key]))
        )
        found.append(Group(entity, count, first, oldest))
    return tuple(found)


def _failed(row: Waiting, known: dict[Key, Record], gone: Mapping[int, int]) -> Failed:
    record = known.get((row.entity, row.local_id), Record(row.entity, row.local_id, ""))
    return Failed(row.id, record, row.failure, row.detail or "", row.at, row.id in gone)


def _aside(r: Asks, connection: Connection, named: bool) -> tuple[Aside, ...]:
    """What was set aside; whose it is nobody here knows, so only who sees all reads its name."""
    rows = r.rows(
        "SELECT id, stream, far_id, coalesce(json_extract(content, '$.title'), "
        "json_extract(content, '$.name'), json_extract(content, '$.text'), ''), reason, at "
        "FROM sync_aside WHERE remote_id = ? ORDER BY at DESC, id DESC LIMIT ?",
        (connection.id, MOST),
    )
    stages = connection.options.get("stages") or {}
    return tuple(
        Aside(key, stream, far, title if named else "", reasons.named(reason, stages), at,
              reasons.is_about(reason, NO_STAGE))
        for key, stream, far, title, reason, at in rows
    )  # fmt: skip


def _rounds(r: Asks, remote_id: int) -> tuple[Round, ...]:
    """The latest rounds that did something or failed, and the last one whatever it did, also while
    the next one goes on."""
    rows = r.rows(
        "SELECT started_at, ended_at, pushed, pulled, failed, problem FROM sync_round "
        "WHERE remote_id = ?1 AND (pushed > 0 OR pulled > 0 OR failed > 0 OR problem IS NOT NULL "
        "OR id IN (SELECT max(id) FROM sync_round WHERE remote_id = ?1 "
        "UNION SELECT max(id) FROM sync_round WHERE remote_id = ?1 AND ended_at IS NOT NULL)) "
        "ORDER BY id DESC LIMIT ?2",
        (remote_id, _ROUNDS),
    )
    return tuple(Round(*row) for row in rows)


def streams(r: Asks, remote_id: int) -> tuple[Progress, ...]:
    """How far each stream was read, in the order in which they are."""
    rows = {
        row[0]: row
        for row in r.rows(
            "SELECT name, read, total, first_done, complete_at FROM sync_stream "
            "WHERE remote_id = ?",
            (remote_id,),
        )
    }
    return tuple(
        Progress(name, row[1], row[2], bool(row[3]), row[4])
        for name in STREAMS
        if (row := rows.get(name)) is not None
    )
