"""The report on refusals: lost deals by reason, stage they were lost from, person or source.

A refusal is counted as the ranking does it (domain.md section 4, ``lost``): a deal that stands in a
lost stage at the end of the period and entered it last in the period. Whoever was responsible with
that entry has it, in the ranking or not. Reasons that are no refusal (duplicate, spam) stand apart.
"""

from dataclasses import replace
from typing import Any

from salesdesk.models.asking import keys_in
from salesdesk.models.store import Reader
from salesdesk.moments import amount_of
from salesdesk.services import report_parts as parts
from salesdesk.services.ranking_setup import Setup
from salesdesk.services.report_origin import SOURCE
from salesdesk.services.report_parts import WHOLE, Fact, Money
from salesdesk.services.report_table import Behind, Chart, Choice, Column, Query, Report, Row, Table
from salesdesk.services.reports_moves import AGAIN, OWNER, Filter
from salesdesk.text import N_, ntr

_BY = {"reason": N_("Reason"), "stage": N_("Stage"), "person": N_("Person"),
       "source": N_("Source")}  # fmt: skip
GROUP = Choice("group", N_("By"), "reason", _BY)
ACROSS = Choice("across", N_("Crossed with"), "none", {"none": N_("Nothing"), **_BY})
_NUMBERS = (
    Column("lost", N_("Refusals"), about=N_("Deals lost for a reason that is a refusal"),
           opens=True),
    Column("amount", N_("Amount"), "money", N_("What the refused deals amounted to"), opens=True),
    Column("apart", N_("No refusal"),
           about=N_("Deals lost for a reason that is none: a duplicate, spam"), opens=True),
)  # fmt: skip
_SHARE = Column("share", N_("Share of refusals"), "share", N_("Of all refusals"))
#: Moves between two moments, as the index by moment has them.
_INSIDE = "m.at >= ? AND m.at < ? AND m.undone = 0 AND m.superseded = 0"
#: Entries into lost stages, with their deals. They are found by moment, and their deals read in
#: the order in which they lie (the limit keeps SQLite from leaving the order out).
_LOST = (
    f"WITH {AGAIN}, m AS MATERIALIZED (SELECT m.id, m.deal_id, m.at, m.seq, m.to_stage_id, "
    "m.from_stage_id, m.sets_owner, m.owner_id, m.lost_reason_id FROM stage_move m "
    f"WHERE {_INSIDE} AND m.to_stage_id IN ({{stages}}) ORDER BY m.deal_id LIMIT -1) "
    "SELECT m.id, m.deal_id, m.at, m.seq, m.to_stage_id, m.from_stage_id, "
    f"{OWNER} AS person, "
    "CASE WHEN d.since = m.at AND d.stage_id = m.to_stage_id "
    "THEN coalesce(d.lost_reason_id, m.lost_reason_id) ELSE m.lost_reason_id END, "
    f"{SOURCE.own}, d.amount, d.currency FROM m CROSS JOIN deal d ON d.id = m.deal_id "
    "AND d.deleted_at IS NULL "
    "LEFT JOIN span s ON s.deal_id = m.deal_id AND s.start = m.at AND s.stage_id = m.to_stage_id "
    "LEFT JOIN again a ON a.deal_id = m.deal_id AND a.at = m.at "
    "LEFT JOIN client c ON c.id = d.client_id LEFT JOIN client ct ON ct.id = d.contact_id "
    "LEFT JOIN client cc ON cc.id = ct.company_id WHERE 1"
)
#: Deals that left lost stages: when they did so last.
_LEFT = (
    f"SELECT m.deal_id, m.at, m.seq FROM stage_move m WHERE {_INSIDE} "
    "AND m.from_stage_id IN ({stages}) AND m.to_stage_id NOT IN ({stages})"
)


def _read(r: Reader, query: Query, *, now: int) -> Table:
    by = _sides(query)
    money = Money(r)
    sums = parts.summed(_facts(r, query, now, money), len(_NUMBERS))
    names = [_names(r, side, query, now) for side in by]
    whole = sums[WHOLE]
    rows = [
        _row(by, [names[at].get(key) for at, key in enumerate(line)], line, numbers, whole[0])
        for line, numbers in sums.items() if line != WHOLE
    ]  # fmt: skip
    rows.sort(key=lambda row: (-sums[row.key][0], -sums[row.key][2], [*map(str, row.cells)]))
    labels = tuple(Column(side, _BY[side], "text") for side in by)
    notes = [*money.notes()]
    if whole[2]:
        notes.append(ntr("{n} lost deal was no refusal: it is counted apart.",
                         "{n} lost deals were no refusals: they are counted apart.",
                         whole[2]))  # fmt: skip
    return Table(
        (*labels, *_NUMBERS, _SHARE), tuple(rows), money.currency,
        replace(_row(by, [None] * len(by), WHOLE, whole, whole[0]), nameless=()),
        Chart("bars" if len(by) == 1 else "columns", by[0], ("lost",),
              split=by[1] if len(by) > 1 else None),
        tuple(notes),
    )  # fmt: skip


def _sides(query: Query) -> list[str]:
    """By what the lines are told apart: one thing, or two crossed."""
    first, second = REPORT.chosen(query, "group"), REPORT.chosen(query, "across")
    return [first] if second in ("none", first) else [first, second]


def _row(
    by: list[str], names: list[str | None], key: tuple[Any, ...], numbers: list[int], whole: int
) -> Row:
    lost, amount, apart = numbers
    labels = (
        [parts.label(side, name) for side, name in zip(by, names, strict=True)] if key else names
    )
    narrows = dict(zip(by, key, strict=True)) if key else {}
    return Row(
        (*labels, lost, amount_of(amount), apart, parts.share(lost, whole)), key,
        narrows={"person": narrows["person"]} if narrows.get("person") else {},
        nameless=tuple(side for side, name in zip(by, names, strict=True) if name is None),
    )  # fmt: skip


def _names(r: Reader, side: str, query: Query, now: int) -> dict[int, str]:
    if side != "stage":
        return parts.names_of(r, {"reason": "lost_reason"}.get(side, side))
    setup = parts.asked(r, query, now).setup
    several = len(parts.selling(setup, query.pipeline_id)) > 1
    return {
        key: f"{setup.pipelines[stage.pipeline_id][0]} / {stage.name}" if several else stage.name
        for key, stage in setup.stages.items()
    }


def _facts(r: Reader, query: Query, now: int, money: Money) -> list[Fact]:
    """A fact a lost deal."""
    asked = parts.asked(r, query, now)
    excused = {row[0] for row in r.rows("SELECT id FROM lost_reason WHERE not_refusal = 1")}
    reasons = parts.names_of(r, "lost_reason")
    by = _sides(query)
    facts = []
    for row in _lost(r, query, now, asked):
        _move, deal, at, _seq, _stage, left, person, reason, source, amount, code = row
        value = money.at(amount, code, r.zone.day_of(at)) or 0
        is_one = reason not in excused
        sides = {"reason": reason, "stage": left, "person": person, "source": source}
        adds = (1, value, 0) if is_one else (0, 0, 1)
        facts.append(
            Fact(tuple(sides[side] for side in by), adds, deal, at, reasons.get(reason, ""))
        )
    return facts


def _lost(r: Reader, query: Query, now: int, asked: Filter) -> list[tuple[Any, ...]]:
    """The last entry of each deal that stands in a lost stage at the period's end, with the stage
    it was lost from in place of the one left (which may be another lost one)."""
    setup = asked.setup
    pipelines = parts.selling(setup, query.pipeline_id)
    stages = [
        s.id for s in setup.stages.values() if s.kind == "lost" and s.pipeline_id in pipelines
    ]
    start, stop = query.period.moments(r.zone, now)
    keys, found = keys_in(stages), dict[int, tuple[Any, ...]]()
    sql = _LOST.format(stages=keys) + asked.of_deals("m.deal_id")
    for row in r.rows(sql, (start, stop) * 3 + asked.given):
        last = found.get(row[1])
        if last is None or last[2:4] < row[2:4]:
            found[row[1]] = row
    for deal, *moment in r.rows(_LEFT.format(stages=keys), (start, stop)):
        if deal in found and found[deal][2:4] < tuple(moment):
            del found[deal]  # it stands there no more
    if asked.persons is not None:
        found = {key: row for key, row in found.items() if row[6] in asked.persons}
    again = {row[1] for row in found.values() if _is_lost(setup, row[5])}
    if again:
        for deal, left in _lost_from(r, setup, {key: found[key] for key in again}).items():
            found[deal] = (*found[deal][:5], left, *found[deal][6:])
    return list(found.values())


def _is_lost(setup: Setup, stage: int | None) -> bool:
    return stage in setup.stages and setup.stages[stage].kind == "lost"


def _lost_from(
    r: Reader, setup: Setup, entries: dict[int, tuple[Any, ...]]
) -> dict[int, int | None]:
    """The last stage of another kind before these entries, by deal."""
    left: dict[int, int | None] = dict.fromkeys(entries)
    moves = r.rows_of(
        "SELECT deal_id, at, seq, from_stage_id FROM stage_move WHERE deal_id IN ({ids}) "
        "AND undone = 0 AND superseded = 0 ORDER BY at, seq",
        sorted(entries),
    )
    return left | {
        deal: stage
        for deal, at, seq, stage in moves
        if (at, seq) <= entries[deal][2:4] and not _is_lost(setup, stage)
    }


def _behind(r: Reader, query: Query, key: tuple[Any, ...], column: str, *, now: int) -> Behind:
    place = parts.place(_NUMBERS, column)
    facts = _facts(r, query, now, Money(r))
    return parts.behind(r, facts, key, place, money=column == "amount")


REPORT = Report(
    "refusals",
    N_("Refusals"),
    N_("Why deals were lost, from which stage, by whom and from which source"),
    frozenset({"pipeline", "person", "team", "deals"}),
    _read,
    _behind,
    (GROUP, ACROSS),
    first_period="quarter",
)
