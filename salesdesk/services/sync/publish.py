"""Results of the ranking for the CRM: off by default, at most daily, only what changed.

Each deal that is worked on carries how its responsible person stands in the ranking of the month,
or each person of the CRM does, as was chosen: points, rank, band and the moment of counting, or
some of them. What one carries already is kept, of a deal with its link, of people with the
connection, so that a day on which nothing changed sends nothing. One computer publishes
(``publishing``); its claim goes with what it publishes into deals, and alone where there is nothing
else to say it with. Where the CRM refuses, publishing rests until the next day, and nothing else
does.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from salesdesk.models.books import Books
from salesdesk.models.store import Reader, Store
from salesdesk.moments import plain
from salesdesk.services import periods
from salesdesk.services.ranking_rows import RankingRow
from salesdesk.services.sync import catalog, maps, options, publishing
from salesdesk.services.sync.failures import Failure, Kind
from salesdesk.services.sync.maps import Connection
from salesdesk.services.sync.options import Result
from salesdesk.services.sync.pace import Clock
from salesdesk.services.sync.publishing import Claim
from salesdesk.services.sync.remote import Place, Remote, Value, WantedField
from salesdesk.services.sync.values import packed, unpacked
from salesdesk.text import N_, tr

#: What custom fields results need: what they are called, and of which kind they are.
_FIELDS: Mapping[Result, tuple[str, str]] = {
    "points": ("SalesDesk points", "number"), "rank": ("SalesDesk rank", "whole"),
    "band": ("SalesDesk band", "text"), "at": ("SalesDesk counted at", "moment"),
}  # fmt: skip
#: The custom field of a claim.
CLAIM = WantedField("by", "deal", "SalesDesk published by", "text")
#: The level of the plan of revenue as a band.
BANDS = {"full": N_("Plan reached"), "half": N_("On the way"), "none": N_("Behind the plan"),
         "over": N_("Behind the plan")}  # fmt: skip
#: Under which name a link keeps what was published.
_KEPT = "published"
#: Results of one call and one transaction.
_STEP = 50
#: What the CRM does not take is tried again the next day; other failures pass sooner.
_REFUSED = (Kind.PERMISSION, Kind.INVALID, Kind.GONE)

Row = Mapping[str, Value]
#: Which results are published and to what, and the claim.
_Wanted = tuple[tuple[Result, ...], Place, str]


@dataclass(frozen=True, slots=True)
class _Sending:
    """What goes to one deal or person: ``row`` of ``Remote.publish``, what it carries then
    (``carries``), and where that is kept: with the ``link`` of a deal, else by the far key."""

    row: Row
    carries: Mapping[str, str]
    link: int | None


@dataclass(frozen=True, slots=True)
class _Work:
    """What is to be done now, as it was ``wanted``; ``told``: the deal that carries the claim where
    no result does."""

    remote_id: int
    wanted: _Wanted
    claim: Claim
    today: int
    due: bool
    fields: Sequence[WantedField]
    sendings: Sequence[_Sending]
    told: str | None


def fields(place: Place, results: Sequence[Result] = options.RESULTS) -> tuple[WantedField, ...]:
    """The custom fields that these results need, made before the first of them is published."""
    made = tuple(WantedField(one, place, *_FIELDS[one]) for one in results)
    return (*made, CLAIM) if place == "deal" else made


def run(store: Store, connection: Connection, remote: Remote, clock: Clock) -> int:
    """Publish what changed, if this computer publishes and has not today; returns of how many deals
    or people. What the CRM refuses ends it for this day and is kept (``chosen``). Raises
    ``Failure`` for anything else; what was published before it is kept."""
    with store.read() as r:
        work = _work(r, remote, clock.now())
    if work is None:
        return 0
    try:
        _publish(store, work, remote, clock)
    except Failure as failure:
        if failure.kind not in _REFUSED:
            raise
        refused = {"day": work.today, "failure": failure.kind.value, "detail": failure.detail}
        _settle(store, work, {"results_refused": refused})
        return 0
    return len(work.sendings)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which results are published and ``to`` what, of what the CRM can hold (``places``);
    ``refused``: why it took none the last time, class of failure and what was said; ``last``: when
    this computer published, and of how many deals or people something had changed."""

    results: tuple[Result, ...] = options.RESULTS
    to: Place = "deal"
    places: tuple[Place, ...] = ("deal",)
    refused: tuple[str, str] | None = None
    last: tuple[int, int] | None = None


def chosen(connection: Connection) -> Chosen:
    """What was chosen of publishing, and whether the CRM took it."""
    can, no = catalog.publishes_to(connection.kind), connection.options.get("results_refused")
    last = connection.options.get("published_last")
    return Chosen(
        options.results(connection.options),
        options.results_to(connection.options),
        tuple(one for one in options.PLACES if one in can),
        (str(no["failure"]), str(no["detail"])) if no else None,
        (int(last[0]), int(last[1])) if last else None,
    )


def is_due(r: Reader, connection: Connection, now: int) -> bool:
    """Whether this computer publishes, and has not yet on this day."""
    mine = publishing.is_own(connection)
    return mine and connection.options.get("published") != r.zone.day_of(now)


def _work(r: Reader, remote: Remote, now: int) -> _Work | None:
    """What is to be done; None for nothing."""
    found = maps.connection(r)
    claim = None if found is None else publishing.known(found.options)
    if found is None or claim is None or _rests(found, r.zone.day_of(now)):
        return None
    due = is_due(r, found, now)
    untold = found.options.get("publisher_told") != claim.text()
    if not (due or untold):
        return None
    results, place = options.results(found.options), options.results_to(found.options)
    place = place if place in remote.publishes_to else "deal"
    sendings = changed(r, found, results, place, now=now) if due else []
    carried = bool(sendings) and place == "deal"
    told = _any_deal(r, found) if untold and not carried else None
    return _Work(
        found.id, _wanted(found.options), claim, r.zone.day_of(now), due, fields(place, results),
        sendings, told,
    )  # fmt: skip


def _wanted(kept: Mapping[str, Any]) -> _Wanted:
    return options.results(kept), options.results_to(kept), str(kept.get("publisher") or "")


def _rests(connection: Connection, today: int) -> bool:
    """Whether the CRM refused on this day."""
    return bool((connection.options.get("results_refused") or {}).get("day") == today)


def _publish(store: Store, work: _Work, remote: Remote, clock: Clock) -> None:
    """Tell the claim and send the results; what was taken is noted step by step. A deal that does
    not take the claim is told when the results went."""
    refused = _tell(store, work, remote)
    told = {"publisher_told": work.claim.text()}
    if work.sendings and _with_fields(store, work.remote_id, remote, work.fields):
        for start in range(0, len(work.sendings), _STEP):
            part = work.sendings[start : start + _STEP]
            remote.publish([_claimed(one, work.claim) for one in part])
            _keep(store, work.remote_id, part)
            if part[0].link is not None:
                _set(store, work.remote_id, told)
    if refused is not None:
        raise refused
    if work.due:
        last = [clock.now(), len(work.sendings)]
        done = {"published": work.today, "results_refused": None, "published_last": last}
        _settle(store, work, done)


def _tell(store: Store, work: _Work, remote: Remote) -> Failure | None:
    """Tell the claim alone, if that is to be done; returns why the deal did not take it."""
    if work.told is None or not _with_fields(store, work.remote_id, remote, [CLAIM]):
        return None
    try:
        remote.publish([{"entity": "deal", "far_id": work.told, "by": work.claim.text()}])
    except Failure as failure:
        if failure.kind not in (Kind.INVALID, Kind.GONE):
            raise
        return failure
    _set(store, work.remote_id, {"publisher_told": work.claim.text()})
    return None


def _settle(store: Store, work: _Work, values: Mapping[str, Any]) -> None:
    """Note how this day ended; not where somebody has chosen otherwise while it went on, which goes
    with the next round."""
    with store.books() as books:
        if _wanted(_options(books, work.remote_id)) == work.wanted:
            _change(books, work.remote_id, values)


def _claimed(sending: _Sending, claim: Claim) -> Row:
    """A row as it goes: a deal carries who publishes, too."""
    return sending.row if sending.link is None else {**sending.row, "by": claim.text()}


def _any_deal(r: Reader, connection: Connection) -> str | None:
    """A deal that can carry a claim."""
    found: str | None = r.value(
        "SELECT far_id FROM sync_link WHERE remote_id = ? AND entity = 'deal' "
        "AND state = 'linked' AND far_id NOT LIKE 'L\\_%' ESCAPE '\\' ORDER BY id LIMIT 1",
        (connection.id,),
    )
    return found


# -- what changed ---------------------------------------------------------------------------------


def changed(
    r: Reader, connection: Connection, wanted: Sequence[Result], place: Place, *, now: int
) -> list[_Sending]:
    """What is to be published: of each deal in work, or each person of the CRM, whose wanted
    results are others than those it carries."""
    results = _results(r, now)
    carriers = _people(r, connection) if place == "person" else _deals(r, connection)
    found: list[_Sending] = []
    for link, far_id, owner, kept in carriers:
        result = results.get(owner)
        if result is None:
            continue
        shown = _shown(result, wanted)
        if any(kept.get(key) != text for key, text in shown.items()):
            values: dict[str, Value] = {**result, "at": now}
            row: Row = {"entity": place, "far_id": far_id, **{one: values[one] for one in wanted}}
            found.append(_Sending(row, _carried_then(kept, shown), link))
    return found


#: Link of a deal (None for people), key there, whose result it carries, what it carries.
_Carrier = tuple[int | None, str, int, Mapping[str, str]]


def _deals(r: Reader, connection: Connection) -> Iterator[_Carrier]:
    for link, far_id, agreed, owner in r.rows(
        "SELECT l.id, l.far_id, l.agreed, d.owner_id FROM sync_link l "
        "JOIN deal d ON d.id = l.local_id JOIN stage s ON s.id = d.stage_id "
        "WHERE l.remote_id = ? AND l.entity = 'deal' AND l.state = 'linked' "
        "AND s.kind = 'open' AND d.deleted_at IS NULL ORDER BY l.id",
        (connection.id,),
    ):
        yield link, far_id, owner, _read(unpacked(agreed).get(_KEPT))


def _people(r: Reader, connection: Connection) -> Iterator[_Carrier]:
    """People who are mapped; of two that are the same one there the first, as everywhere."""
    kept = connection.options.get("published_people") or {}
    for person, far_id in r.rows(
        "SELECT local_id, far_id FROM sync_map WHERE id IN (SELECT min(id) FROM sync_map "
        "WHERE remote_id = ? AND what = 'person' GROUP BY far_id) ORDER BY id",
        (connection.id,),
    ):
        yield None, far_id, person, kept.get(far_id) or {}


def _read(kept: Value) -> Mapping[str, str]:
    """What a link keeps; what earlier versions kept says not which result is which."""
    try:
        found = json.loads(str(kept or "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


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


def _shown(result: Row, wanted: Sequence[Result]) -> dict[str, str]:
    """The wanted results as they are compared. A moment of counting is no change by itself: it is
    that of the others, and alone that of what it was counted from."""
    texts = {key: _text(value) for key, value in result.items()}
    found: dict[str, str] = {key: texts[key] for key in wanted if key != "at"}
    alone = not found
    if "at" in wanted:
        found["at"] = " ".join(texts.values()) if alone else ""
    return found


def _text(value: Value) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)


def _carried_then(kept: Mapping[str, str], shown: Mapping[str, str]) -> dict[str, str]:
    """What one carries once it is sent; a moment that did not go along is none of these results."""
    return {**{key: text for key, text in kept.items() if key != "at"}, **shown}


# -- what is kept ---------------------------------------------------------------------------------


def _keep(store: Store, remote_id: int, part: Sequence[_Sending]) -> None:
    """Note what deals, or people, carry now."""
    carried = {one.link: one.carries for one in part if one.link is not None}
    people = {str(one.row["far_id"]): dict(one.carries) for one in part if one.link is None}
    with store.books() as books:
        there = books.rows_of("SELECT id, agreed FROM sync_link WHERE id IN ({ids})", list(carried))
        books.update(
            "sync_link",
            [{"id": key, "agreed": packed({**unpacked(agreed), _KEPT: _written(carried[key])})}
             for key, agreed in there],
        )  # fmt: skip
        if people:
            kept = _options(books, remote_id).get("published_people") or {}
            _change(books, remote_id, {"published_people": {**kept, **people}})


def _written(carried: Mapping[str, str]) -> str:
    return json.dumps(carried, ensure_ascii=False, sort_keys=True)


def _with_fields(
    store: Store, remote_id: int, remote: Remote, wanted: Sequence[WantedField]
) -> bool:
    """Make the fields once; whether there are any."""
    with store.books() as books:
        known = dict(_options(books, remote_id).get("fields") or {})
    if not all(_is_known(one, known) for one in wanted):
        known |= remote.make_fields(wanted)
        _set(store, remote_id, {"fields": known})
    remote.use_fields(known)
    return bool(known)


def _is_known(wanted: WantedField, known: Mapping[str, str]) -> bool:
    """Whether a field was made; of records one may stand for a kind of object."""
    if wanted.entity == "person":
        return f"{wanted.key}@person" in known
    names = (name.partition("@") for name in known)
    return any(key == wanted.key and of != "person" for key, _, of in names)


def _set(store: Store, remote_id: int, values: Mapping[str, Any]) -> None:
    with store.books() as books:
        _change(books, remote_id, values)


def _change(books: Books, remote_id: int, values: Mapping[str, Any]) -> None:
    text = json.dumps({**_options(books, remote_id), **values}, ensure_ascii=False)
    books.update("sync_remote", [{"id": remote_id, "options": text}])


def _options(books: Books, remote_id: int) -> dict[str, Any]:
    """The options as they are at this moment."""
    text = books.value("SELECT options FROM sync_remote WHERE id = ?", (remote_id,))
    found: dict[str, Any] = json.loads(text)
    return found
