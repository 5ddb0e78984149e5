"""Which of ours is which at the other end: connection, mapping, links. Questions only."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from salesdesk.services.records import Asks
from salesdesk.services.sync.remote import Entity, Value
from salesdesk.services.sync.values import unpacked
from salesdesk.text import N_, tr

#: What the kinds of CRM are called.
NAMES = {"bitrix24": N_("Bitrix24"), "amocrm": N_("amoCRM")}
#: Where records of a kind are kept.
TABLES: dict[Entity, str] = {
    "company": "client", "contact": "client", "deal": "deal", "task": "task", "note": "note",
}  # fmt: skip
#: A conflict (``c``, a row of ``sync_conflict``) that somebody has yet to decide: of a record that
#: stands at both ends.
ASKED = (
    "c.state = 'open' AND EXISTS (SELECT 1 FROM sync_link k WHERE k.remote_id = c.remote_id "
    "AND k.entity = c.entity AND k.local_id = c.local_id AND k.state = 'linked') "
    "AND NOT EXISTS (SELECT 1 FROM deal x WHERE c.entity = 'deal' AND x.id = c.local_id "
    "AND x.deleted_at IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM task x WHERE c.entity = 'task' "
    "AND x.id = c.local_id AND x.deleted_at IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM client x "
    "WHERE c.entity IN ('company', 'contact') AND x.id = c.local_id AND x.deleted_at IS NOT NULL)"
)
_COLUMNS = (
    "id, kind, base_url, account_id, account, user_id, seat, state, problem, connected_at, "
    "seen_change, options"
)


@dataclass(frozen=True, slots=True)
class Connection:
    """A row of ``sync_remote``; ``options`` as it is kept."""

    id: int
    kind: str
    base_url: str
    account_id: str
    account: str
    user_id: str
    seat: str
    state: str
    problem: str | None
    connected_at: int
    seen_change: int
    options: Mapping[str, Any]


def name_of(kind: str) -> str:
    """What a kind of CRM is called."""
    return tr(NAMES[kind]) if kind in NAMES else kind.capitalize()


def connection(a: Asks) -> Connection | None:
    """The connection in use, if there is one."""
    row = a.row(f"SELECT {_COLUMNS} FROM sync_remote WHERE state <> 'off' ORDER BY id LIMIT 1")
    if row is None:
        return None
    cells: tuple[Any, ...] = (*row[:-1], json.loads(row[-1]))
    return Connection(*cells)


def before(a: Asks, kind: str, account_id: str) -> int | None:
    """The key of an account that is or was connected: its links are kept."""
    found: int | None = a.value(
        "SELECT id FROM sync_remote WHERE kind = ? AND account_id = ? ORDER BY id DESC LIMIT 1",
        (kind, account_id),
    )
    return found


@dataclass(frozen=True, slots=True)
class Maps:
    """Keys of the other end by ours, and ours by theirs, by what they are keys of."""

    far: Mapping[str, Mapping[int, str]]
    local: Mapping[str, Mapping[str, int]]
    #: Pipelines that are synced, and far stages that are won or lost.
    pipelines: frozenset[int] = frozenset()
    closed: frozenset[str] = frozenset()

    def far_of(self, what: str, local: int | None) -> str:
        """The other end's key; "" for none and for what is not mapped."""
        return "" if local is None else self.far.get(what, {}).get(local, "")

    def local_of(self, what: str, far: Value) -> int | None:
        """Our key; None for none and for what is not mapped."""
        return self.local.get(what, {}).get(str(far or ""))

    def syncs(self, far_pipeline: Value) -> bool:
        """Whether deals of a pipeline of the other end are taken over."""
        return self.local_of("pipeline", far_pipeline) in self.pipelines

    def is_closed(self, stage: Value) -> bool:
        """Whether a stage of the other end is a won or lost one."""
        return str(stage or "") in self.closed


def load(a: Asks, remote_id: int) -> Maps:
    """The mapping of a connection. Stages that were deleted here are mapped no longer: what comes
    for them is set aside, as for any stage without a partner."""
    far: dict[str, dict[int, str]] = defaultdict(dict)
    local: dict[str, dict[str, int]] = defaultdict(dict)
    for what, ours, theirs in a.rows(
        "SELECT what, local_id, far_id FROM sync_map WHERE remote_id = ? AND (what <> 'stage' OR "
        "local_id IN (SELECT s.id FROM stage s JOIN pipeline p ON p.id = s.pipeline_id "
        "WHERE s.deleted_at IS NULL AND p.deleted_at IS NULL)) ORDER BY id",
        (remote_id,),
    ):
        far[what][ours] = theirs
        local[what].setdefault(theirs, ours)
    ended = a.rows("SELECT id FROM stage WHERE kind IN ('won', 'lost')")
    closed = {far["stage"].get(row[0], "") for row in ended} - {""}
    return Maps(far, local, frozenset(far["pipeline"]), frozenset(closed))


@dataclass(frozen=True, slots=True)
class Link:
    """A row of ``sync_link``."""

    id: int
    entity: Entity
    local_id: int
    far_id: str
    agreed: Mapping[str, Value] = field(default_factory=dict)
    far_at: int = 0
    gone: bool = False


def links_of(a: Asks, remote_id: int, entity: Entity, local_ids: Iterable[int]) -> dict[int, Link]:
    """Links by our keys."""
    found = _links_where(a, remote_id, entity, "local_id", sorted(set(local_ids)))
    return {link.local_id: link for link in found}


def links_to(a: Asks, remote_id: int, entity: Entity, far_ids: Iterable[str]) -> dict[str, Link]:
    """Links by the other end's keys."""
    found = _links_where(a, remote_id, entity, "far_id", sorted(set(far_ids)))
    return {link.far_id: link for link in found}


def local_ids_to(a: Asks, remote_id: int, entity: Entity, far_ids: Iterable[str]) -> dict[str, int]:
    """Our keys by the other end's, also of what is gone there."""
    return dict(
        a.rows_of(
            "SELECT far_id, local_id FROM sync_link WHERE remote_id = ? AND entity = ? "
            "AND far_id IN ({ids})",
            sorted(set(far_ids)),
            (remote_id, entity),
        )
    )


def _links_where(
    a: Asks, remote_id: int, entity: Entity, column: str, keys: Sequence[int | str]
) -> list[Link]:
    found = a.rows_of(
        "SELECT id, entity, local_id, far_id, agreed, far_at, state FROM sync_link "
        f"WHERE remote_id = ? AND entity = ? AND {column} IN ({{ids}})",
        keys,
        (remote_id, entity),
    )
    return [_link(row) for row in found]


def linked_uids(
    a: Asks, remote_id: int, entity: Entity, uids: Iterable[bytes]
) -> list[tuple[bytes, str]]:
    """Those of our identifiers that are linked, and the other end's keys."""
    return [
        (uid, far)
        for uid, far in a.rows_of(
            f"SELECT t.uid, l.far_id FROM {TABLES[entity]} t JOIN sync_link l ON l.remote_id = ? "
            "AND l.entity = ? AND l.local_id = t.id AND l.state = 'linked' WHERE t.uid IN ({ids})",
            uids,
            (remote_id, entity),
        )
    ]


def _link(row: tuple[Any, ...]) -> Link:
    cells: tuple[Any, ...] = (*row[:4], unpacked(row[4]), row[5], row[6] == "gone")
    return Link(*cells)
