"""Results of the ranking for the CRM: off by default, at most daily, only what changed.

Each deal that is worked on carries how its responsible person stands in the ranking of the month:
points, rank, band and the moment of counting. Which of them a deal carries already is kept with its
link, so that a day on which nothing changed sends nothing. One computer publishes (``publishing``);
its claim goes with what it publishes, and alone where there is nothing else to say it with.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from salesdesk.models.store import Reader, Store
from salesdesk.moments import plain
from salesdesk.services import periods
from salesdesk.services.ranking_rows import RankingRow
from salesdesk.services.sync import maps, publishing
from salesdesk.services.sync.maps import Connection
from salesdesk.services.sync.pace import Clock
from salesdesk.services.sync.remote import Remote, Value, WantedField
from salesdesk.services.sync.values import packed, unpacked
from salesdesk.text import N_, tr

#: The custom fields that results need, made when publishing is first wished for.
FIELDS = (
    WantedField("points", "deal", "SalesDesk points", "number"),
    WantedField("rank", "deal", "SalesDesk rank", "whole"),
    WantedField("band", "deal", "SalesDesk band", "text"),
    WantedField("at", "deal", "SalesDesk counted at", "moment"),
    WantedField("by", "deal", "SalesDesk published by", "text"),
)
#: The level of the plan of revenue as a band.
BANDS = {"full": N_("Plan reached"), "half": N_("On the way"), "none": N_("Behind the plan"),
         "over": N_("Behind the plan")}  # fmt: skip
#: Under which name a link keeps what was published.
_KEPT = "published"
#: Deals of one call and one transaction.
_STEP = 50

Row = Mapping[str, Value]


def run(store: Store, connection: Connection, remote: Remote, clock: Clock) -> int:
    """Publish what changed, if this computer publishes and has not today; returns how many deals.
    Raises ``Failure``; what was published before it is kept."""
    with store.read() as r:
        found = maps.connection(r)
        if found is None:
            return 0
        due = is_due(r, found, clock.now())
        today = r.zone.day_of(clock.now())
        rows = changed(r, found, now=clock.now()) if due else []
        claim = publishing.known(found.options)
        untold = claim is not None and found.options.get("publisher_told") != claim.text()
        one = _any_deal(r, found) if untold and not rows else None
    if claim is None or not (due or untold):
        return 0
    made = _with_fields(store, found, remote)
    if made and rows:
        for start in range(0, len(rows), _STEP):
            part = rows[start : start + _STEP]
            remote.publish([{**row, "by": claim.text()} for _link, row in part])
            _keep(store, part)
    elif made and one is not None:
        remote.publish([{"entity": "deal", "far_id": one, "by": claim.text()}])
    told = {"publisher_told": claim.text()} if made and (rows or one) else {}
    _set(store, connection.id, {**told, **({"published": today} if due else {})})
    return len(rows)


def is_due(r: Reader, connection: Connection, now: int) -> bool:
    """Whether this computer publishes, and has not yet on this day."""
    mine = publishing.is_own(connection)
    return mine and connection.options.get("published") != r.zone.day_of(now)


def _any_deal(r: Reader, connection: Connection) -> str | None:
    """A deal that can carry a claim."""
    found: str | None = r.value(
        "SELECT far_id FROM sync_link WHERE remote_id = ? AND entity = 'deal' "
        "AND state = 'linked' AND far_id NOT LIKE 'L\\_%' ESCAPE '\\' ORDER BY id LIMIT 1",
        (connection.id,),
    )
    return found


def changed(r: Reader, connection: Connection, *, now: int) -> list[tuple[int, Row]]:
    """What is to be published: (link, row of ``Remote.publish``) of each deal in work whose result
    is another than the one it carries."""
    results = _results(r, now)
    found: list[tuple[int, Row]] = []
    for link, far_id, agreed, owner in r.rows(
        "SELECT l.id, l.far_id, l.agreed, d.owner_id FROM sync_link l "
        "JOIN deal d ON d.id = l.local_id JOIN stage s ON s.id = d.stage_id "
        "WHERE l.remote_id = ? AND l.entity = 'deal' AND l.state = 'linked' "
        "AND s.kind = 'open' AND d.deleted_at IS NULL ORDER BY l.id",
        (connection.id,),
    ):
        result = results.get(owner)
        if result is not None and unpacked(agreed).get(_KEPT) != _text(result):
            found.append((link, {"entity": "deal", "far_id": far_id, **result, "at": now}))
    return found


def _results(r: Reader, now: int) -> dict[int, dict[str, Value]]:
    """Points, rank and band of each person in the ranking of this month."""
    from salesdesk.services import ranking

    month = periods.of_month(r.zone.day_of(now))
    return {
        row.person_id: {"points": row.points, "rank": row.rank, "band": _band(row)}
        for row in ranking.ranking(r, month, now=now).rows
        if row.person_id is not None
    }


def _band(row: RankingRow) -> str:
    return tr(BANDS[row.levels.get("revenue", "none")]) if row.plans.get("revenue") else ""


def _text(row: Row) -> str:
    """What a deal carries, as it is compared."""
    points = row["points"]
    shown = plain(points) if isinstance(points, Decimal) else str(points)
    return f"{shown} {row['rank']} {row['band']}"


def _keep(store: Store, rows: Sequence[tuple[int, Row]]) -> None:
    """Note what deals carry now."""
    known = dict(rows)
    with store.books() as books:
        there = books.rows_of("SELECT id, agreed FROM sync_link WHERE id IN ({ids})", list(known))
        books.update(
            "sync_link",
            [{"id": key, "agreed": packed({**unpacked(agreed), _KEPT: _text(known[key])})}
             for key, agreed in there],
        )  # fmt: skip


def _with_fields(store: Store, connection: Connection, remote: Remote) -> bool:
    """Make the fields once; whether there are any."""
    known = dict(connection.options.get("fields") or {})
    there = {name.partition("@")[0] for name in known}  # one may stand for a kind of object
    if not all(field.key in there for field in FIELDS):
        known |= remote.make_fields(FIELDS)
        _set(store, connection.id, {"fields": known})
    remote.use_fields(known)
    return bool(known)


def _set(store: Store, remote_id: int, values: Mapping[str, Any]) -> None:
    with store.books() as books:
        text = books.value("SELECT options FROM sync_remote WHERE id = ?", (remote_id,))
        kept = {**json.loads(text), **values}
        books.update(
            "sync_remote", [{"id": remote_id, "options": json.dumps(kept, ensure_ascii=False)}]
        )
