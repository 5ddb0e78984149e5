"""Silent divergence: what both ends agreed upon is compared with what they hold, in rotation.

A batch of links a round, all of them by ``verify``. What differs there is merged like any news;
what differs here and does not wait to be sent is queued; what is there no more is shown. So a
change that no stream told of, or that a restored file has forgotten, is noticed: states are
compared, not numbers of objects.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from salesdesk.models.store import Store
from salesdesk.services.sync import local, maps, outbox
from salesdesk.services.sync.maps import Connection, Link
from salesdesk.services.sync.pace import Clock
from salesdesk.services.sync.planning import clashing, differs, plan
from salesdesk.services.sync.pull import Puller
from salesdesk.services.sync.remote import Entity, FarRecord

#: Kinds that are compared; notes only grow.
_KINDS: tuple[Entity, ...] = ("company", "contact", "deal", "task")
#: Kinds that are looked for by their keys alone.
_SWEPT: tuple[Entity, ...] = ("deal", "company", "contact")


@dataclass(slots=True)
class Verified:
    """What a comparison found: ``there`` differs at the other end, ``here`` differs in this
    workspace, ``gone`` is not there any more, ``unknown`` (keys there) was never read."""

    compared: int = 0
    there: list[tuple[Entity, int]] = field(default_factory=list)
    here: list[tuple[Entity, int]] = field(default_factory=list)
    gone: list[tuple[Entity, int]] = field(default_factory=list)
    unknown: list[tuple[Entity, str]] = field(default_factory=list)

    @property
    def noticed(self) -> int:
        """How many differences there were."""
        return len(self.there) + len(self.here) + len(self.gone) + len(self.unknown)


def next_part(store: Store, connection: Connection, puller: Puller, clock: Clock) -> Verified:
    """Compare the next batch of links; nothing before all was read once."""
    with store.read() as r:
        begun = r.value(
            "SELECT count(*) FROM sync_stream WHERE remote_id = ? AND first_done = 0",
            (connection.id,),
        )
        kept = json.loads(
            r.value("SELECT options FROM sync_remote WHERE id = ?", (connection.id,)) or "{}"
        )
    found = Verified()
    if begun:
        return found
    swept = _sweep(store, connection.id, puller, str(kept.get("swept") or ""), found)
    entity, after = _place(str(kept.get("verified") or ""))
    links = _links(store, connection.id, entity, after, puller.remote.batch)
    _compare(store, puller, entity, links, clock, found)
    if len(links) < puller.remote.batch:
        entity, after = _KINDS[(_KINDS.index(entity) + 1) % len(_KINDS)], 0
    else:
        after = links[-1].id
    with store.books() as books:
        text = books.value("SELECT options FROM sync_remote WHERE id = ?", (connection.id,))
        kept = {**json.loads(text or "{}"), "verified": f"{entity}:{after}", "swept": swept}
        books.update("sync_remote", [{"id": connection.id, "options": json.dumps(kept)}])
    return found


def _sweep(store: Store, remote_id: int, puller: Puller, place: str, found: Verified) -> str:
    """Whether the next many objects are still there, where that costs little: a CRM that tells of
    no deletion is asked for the keys alone. What is missing is read once more, and then shown as
    gone. Returns where the next sweep begins."""
    remote = puller.remote
    if not remote.sweep:
        return ""
    entity, after = _place(place, _SWEPT)
    with store.read() as r:
        links = r.rows(
            "SELECT id, local_id, far_id FROM sync_link WHERE remote_id = ? AND entity = ? "
            "AND id > ? AND state = 'linked' ORDER BY id LIMIT ?",
            (remote_id, entity, after, remote.sweep),
        )
    there = remote.standing(entity, [link[2] for link in links]) if links else frozenset()
    missing = {far: key for _, key, far in links if far not in there}
    for start in range(0, len(missing), remote.batch):
        part = list(missing)[start : start + remote.batch]
        known = remote.get(entity, part)
        gone = [far for far in part if far not in known]
        found.gone += [(entity, missing[far]) for far in gone]
        puller.meet(entity, [FarRecord(entity, far, None, {}, 0, deleted=True) for far in gone])
    if len(links) == remote.sweep:
        return f"{entity}:{links[-1][0]}"
    return f"{_SWEPT[(_SWEPT.index(entity) + 1) % len(_SWEPT)]}:0"


def verify(store: Store, connection: Connection, puller: Puller, clock: Clock) -> Verified:
    """Compare everything: all links, and what is there without one. Raises ``Failure``."""
    found = Verified()
    for entity in _KINDS:
        after = 0
        while links := _links(store, connection.id, entity, after, puller.remote.batch):
            _compare(store, puller, entity, links, clock, found)
            after = links[-1].id
    for entity in ("company", "contact", "deal"):
        _unread(store, connection.id, puller, entity, found)
    return found


def _place(text: str, kinds: Sequence[Entity] = _KINDS) -> tuple[Entity, int]:
    name, _, after = text.partition(":")
    for entity in kinds:
        if entity == name and after.isdecimal():
            return entity, int(after)
    return kinds[0], 0


def _links(store: Store, remote_id: int, entity: Entity, after: int, most: int) -> list[Link]:
    with store.read() as r:
        rows = r.rows(
            "SELECT id, local_id FROM sync_link WHERE remote_id = ? AND entity = ? AND id > ? "
            "AND state = 'linked' ORDER BY id LIMIT ?",
            (remote_id, entity, after, most),
        )
        known = maps.links_of(r, remote_id, entity, [row[1] for row in rows])
    return [known[row[1]] for row in rows]


def _compare(
    store: Store, puller: Puller, entity: Entity, links: Sequence[Link], clock: Clock,
    found: Verified,
) -> None:  # fmt: skip
    if not links:
        return
    there = puller.remote.get(entity, [link.far_id for link in links])
    found.compared += len(links)
    gone = [link for link in links if link.far_id not in there]
    found.gone += [(entity, link.local_id) for link in gone]
    missing = [
        FarRecord(entity, link.far_id, None, link.agreed, link.far_at, deleted=True)
        for link in gone
    ]
    other = [link for link in links if link.far_id in there and differs(link, there[link.far_id])]
    found.there += [(entity, link.local_id) for link in other]
    puller.meet(entity, [*(there[link.far_id] for link in other), *missing])
    settled = {link.id for link in (*gone, *other)}
    found.here += _ours(store, puller, entity, [x for x in links if x.id not in settled], clock)


def _ours(
    store: Store, puller: Puller, entity: Entity, links: Sequence[Link], clock: Clock
) -> list[tuple[Entity, int]]:
    """Records of here that differ from what was agreed and do not wait: they are queued."""
    remote_id, keys = puller.id, [link.local_id for link in links]
    with store.read() as r:
        known = local.records(r, remote_id, puller.way.mapping, entity, keys)
        asks = clashing(r, remote_id, entity, keys)
        waiting = {
            row[0]
            for row in r.rows_of(
                "SELECT local_id FROM sync_queue WHERE remote_id = ? AND entity = ? "
                "AND local_id IN ({ids})",
                keys,
                (remote_id, entity),
            )
        }
        upto = int(r.value("SELECT coalesce(max(id), 0) FROM change"))
    found: list[int] = []
    for link in links:
        one = known.get(link.local_id)
        if one is None or one.deleted or link.local_id in waiting or one.needs:
            continue
        row = outbox.Waiting(
            0, entity, link.local_id, upto, upto, clock.now(), "waiting", 0, 0, None, None, None
        )
        what = plan(puller.remote, row, one, link, asks.get(link.local_id, frozenset()))
        if what is not None and what.draft.fields:
            found.append(link.local_id)
    if found:
        with store.books() as books:
            outbox.want(books, remote_id, entity, found, now=clock.now())
    return [(entity, key) for key in found]


def _unread(store: Store, remote_id: int, puller: Puller, entity: Entity, found: Verified) -> None:
    """What the other end has and no stream brought."""
    cursor, more = "", True
    while more:
        page = puller.remote.page(entity, cursor)
        keys = [record.far_id for record in page.records if not record.deleted]
        with store.read() as r:
            known = maps.links_to(r, remote_id, entity, keys)
        missing = [record for record in page.records if record.far_id not in known]
        puller.meet(entity, missing)
        with store.read() as r:
            now_known = maps.links_to(r, remote_id, entity, [each.far_id for each in missing])
        found.unknown += [(entity, far) for far in now_known]
        more = page.more and page.cursor != cursor
        cursor = page.cursor
