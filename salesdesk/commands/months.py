"""Closing months: ``month close|reopen|show|bonus|list``."""

import argparse
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesdesk.commands import Answer, add_json, tables
from salesdesk.commands.numbers import written
from salesdesk.commands.session import Session
from salesdesk.commands.take import add_output, output_path
from salesdesk.commands.values import iso, money, month_given
from salesdesk.errors import Refused
from salesdesk.moments import month_start, month_text, plain
from salesdesk.services.exporting import SUFFIXES
from salesdesk.services.metric_names import MONEY
from salesdesk.text import N_, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from salesdesk.models.store import Reader, Store
    from salesdesk.moments import Zone
    from salesdesk.services.audit import Entry
    from salesdesk.services.bonuses import Bonus, BonusSheet, SheetLine
    from salesdesk.services.closing import Doubt
    from salesdesk.services.closing_corrections import Correction
    from salesdesk.services.closing_frozen import Frozen
    from salesdesk.services.exporting import Sheet


def month_arguments(parser: argparse.ArgumentParser) -> None:
    """``month close|reopen|show|bonus MONTH``, ``month list``."""
    group = parser.add_subparsers(dest="action", required=True, metavar=tr("ACTION"))
    subs = {
        "list": tr("the months and which are closed"),
        "show": tr("what a month holds, what is doubtful, what has changed since it was closed"),
        "close": tr("keep the ranking of a month as it stands"),
        "reopen": tr("open a closed month again"),
        "bonus": tr("the bonuses of a closed month"),
    }
    for name, text in subs.items():
        sub = group.add_parser(name, help=text, allow_abbrev=False)
        if name != "list":
            sub.add_argument("month", type=month_given, metavar=tr("MONTH"), help="2026-10")
            sub.add_argument("--by", metavar=tr("PERSON"), help=tr("who does it"))
        if name == "close":
            sub.add_argument(
                "--leave-corrections", action="store_true",
                help=tr("do not take in corrections of earlier closed months"),
            )  # fmt: skip
        if name == "reopen":
            sub.add_argument("--reason", required=True, metavar=tr("TEXT"), help=tr("why"))
        if name in ("bonus", "show"):
            add_output(sub)
        add_json(sub)


def run_month(session: Session, options: argparse.Namespace) -> Answer:
    """One of the actions."""
    with session.store() as store:
        now = session.now(store.zone)
        if options.action in ("close", "reopen"):
            return _write(session, store, options, now)
        with store.read() as r:
            if options.action == "list":
                return _list(r, now)
            _require_lead(session, store, r, options)
            if options.action == "show":
                return _show(r, options, now)
            return _bonus(r, options, now)


def _require_lead(
    session: Session, store: "Store", r: "Reader", options: argparse.Namespace
) -> None:
    from salesdesk.services import rights

    person = session.person(store, options.by)
    if options.action == "bonus" and not rights.may(r, person, "lead"):
        raise Refused(N_("Bonuses are shown to team leads and administrators."))
    rights.require(r, person, "lead")


def _write(session: Session, store: "Store", options: argparse.Namespace, now: int) -> Answer:
    from salesdesk.services import closing, closing_frozen
    from salesdesk.ui import formats

    person = session.person(store, options.by)
    given: dict[str, Any] = {"person": person, "now": now, "origin": "cli"}
    name = formats.month(options.month)
    document: dict[str, Any] = {"month": month_text(options.month)}
    if options.action == "reopen":
        command = closing.reopen(store, options.month, reason=options.reason, **given)
        said = tr("{month} is open again.", month=name)
        return Answer({**document, "command_id": command, "closed_at": None}, said)
    saved = closing.close(store, options.month, take=not options.leave_corrections, **given)
    document |= {"command_id": saved.command_id, "closed_at": iso(now, store.zone)}
    with store.read() as r:
        frozen = closing_frozen.found(r, options.month, now)
    if frozen is not None and not frozen.rows:
        return Answer(document, tr("{month} is closed; nobody is in its ranking.", month=name))
    return Answer(document, tr("{month} is closed.", month=name))


def _path(options: argparse.Namespace) -> Path | None:
    return None if options.output is None else output_path(options.output, SUFFIXES)


# -- list, show -----------------------------------------------------------------------------------


def _list(r: "Reader", now: int) -> Answer:
    from salesdesk.services import closing
    from salesdesk.ui import formats

    found = closing.months(r, now=now)
    document = {
        "months": [
            {
                "month": month_text(one.month),
                "over": one.is_over,
                "closed_at": iso(one.closing.at, r.zone) if one.closing else None,
                "closed_by": one.closing.person if one.closing else None,
                "moved": one.moved,
                "left": one.left,
                "points": plain(one.points),
                "revenue": money(one.revenue),
                "gross_profit": money(one.gross_profit),
            }
            for one in found
        ]
    }
    heads = [tr("Month"), tr("Closed"), tr("By"), tr("Corrections"), tr("Points"), tr("Revenue")]
    rows = [
        [formats.month(one.month), tables.moment(one.closing.at, r.zone) if one.closing else "",
         (one.closing.person or "") if one.closing else "", tr("yes") if one.moved else "",
         formats.decimal(one.points), formats.decimal(one.revenue, 0)]
        for one in found
    ]  # fmt: skip
    return Answer(document, tables.table(heads, rows, (4, 5)))


def _show(r: "Reader", options: argparse.Namespace, now: int) -> Answer:
    from salesdesk.services import closing, closing_corrections, closing_frozen, periods, ranking

    month, path = options.month, _path(options)
    answer = ranking.ranking(r, periods.of_months(month), now=now)
    frozen = closing_frozen.found(r, month, now)
    doubts = closing.outlook(r, month, now=now).doubts if frozen is None else ()
    corrections = closing_corrections.corrections(r, month, now=now)
    zone = r.zone
    document = {
        "month": month_text(month),
        "over": closing.is_over(r, month, now),
        "closed_at": None if frozen is None else iso(frozen.closing.at, zone),
        "closed_by": None if frozen is None else frozen.closing.person,
        "doubts": [{"kind": one.kind, "names": list(one.names)} for one in doubts],
        "corrections": [_correction_json(one, zone) for one in corrections],
        "ranking": ranking.as_json(answer, zone),
    }

    if path is not None:
        return written(path, _corrections_sheet(month, corrections, answer.currency), document)
    state = "" if document["over"] else _state(r, month, now)
    return Answer(document, lambda: _shown(month, state, frozen, doubts, corrections, zone, now))


def _state(r: "Reader", month: int, now: int) -> str:
    """How it stands with a month that is not over."""
    from salesdesk.services import closing, periods

    if not closing.is_begun(r, month, now):
        return tr("has not begun yet")
    day = periods.of_day(month_start(month + 1)).label()
    return tr("goes on; it can be closed from {day} on", day=day)


def _corrections_sheet(month: int, corrections: tuple["Correction", ...], currency: str) -> "Sheet":
    from salesdesk.ui import month_words
    from salesdesk.ui.months import sheets

    return sheets.corrections_sheet(month_words.corrections_name(month), corrections, currency)


def _shown(
    month: int, state: str, frozen: "Frozen | None", doubts: "Sequence[Doubt]",
    corrections: tuple["Correction", ...], zone: "Zone", now: int,
) -> str:  # fmt: skip
    from salesdesk.ui import formats
    from salesdesk.ui import month_words as words

    head = [formats.month(month)]
    if frozen is not None:
        head.append(words.closed(frozen.closing, zone, now))
    if state:
        head.append(state)
    lines = [" · ".join(head)]
    told = ((words.doubt(one), words.doubt_names(one)) for one in doubts)
    lines += [f"! {': '.join(filter(None, parts))}" for parts in told]
    if frozen is not None:
        lines += ["", _corrections_text(corrections, zone, now, frozen.currency)]
    return "\n".join(lines)


def _corrections_text(
    corrections: tuple["Correction", ...], zone: "Zone", now: int, currency: str
) -> str:
    from salesdesk.ui import month_words as words

    if not corrections:
        return tr("Nothing has changed since.")
    heads = [tr("Person"), tr("What"), tr("Closed"), tr("Now"), tr("Difference"), tr("Why")]
    rows = [
        [one.person, words.what(one), words.number(one.metric, one.closed, currency),
         words.number(one.metric, one.now, currency),
         words.signed(one.metric, one.difference, currency), words.causes(one, zone, now)]
        for one in corrections
    ]  # fmt: skip
    return tables.table(heads, rows, (2, 3, 4))


def _correction_json(one: "Correction", zone: "Zone") -> dict[str, Any]:
    return {
        "what": one.what,
        "person": one.person,
        "metric": one.metric,
        "kind": one.kind,
        "closed": _value(one.metric, one.closed),
        "now": _value(one.metric, one.now),
        "difference": _value(one.metric, one.difference),
        "left": _value(one.metric, one.left),
        "causes": [_cause_json(entry, zone) for entry in one.causes],
        "items": [
            {
                "deal_id": item.deal_id,
                "task_id": item.task_id,
                "title": item.title,
                "stage": item.stage,
                "was": _value(one.metric, item.was),
                "now": _value(one.metric, item.now),
            }
            for item in one.items
        ],
    }


def _cause_json(entry: "Entry", zone: "Zone") -> dict[str, Any]:
    return {"command_id": entry.id, "at": iso(entry.at, zone), "kind": entry.kind,
            "origin": entry.origin, "person": entry.person, "about": entry.about()}  # fmt: skip


def _value(metric: str, value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    return money(value) if metric in MONEY else plain(value)


# -- bonus ----------------------------------------------------------------------------------------


def _bonus(r: "Reader", options: argparse.Namespace, now: int) -> Answer:
    from salesdesk.services import bonuses
    from salesdesk.ui.months import sheets

    path = _path(options)
    sheet = bonuses.sheet(r, options.month, now=now)
    document = {
        "month": month_text(sheet.month),
        "currency": sheet.currency,
        "by": sheet.by,
        "steps": [{"from": one.from_percent, "percent": plain(one.percent)} for one in sheet.steps],
        "rows": [_line_json(line, sheet) for line in sheet.lines],
        "total": money(sheet.total),
    }
    if path is not None:
        return written(path, sheets.bonus_sheet(sheet), document)
    return Answer(document, lambda: _bonus_text(sheet))


def _line_json(line: "SheetLine", sheet: "BonusSheet") -> dict[str, Any]:
    from salesdesk.ui import month_words as words

    return {
        "person": line.person,
        "team": line.team,
        **_bonus_json(line.bonus, sheet.by),
        "why": words.why(line.bonus, sheet.by, sheet.currency),
        "corrections": [
            {
                "month": month_text(one.month),
                "before": money(one.before.amount),
                "after": money(one.after.amount),
                "amount": money(one.amount),
                "why": words.correction_why(one, sheet.currency),
            }
            for one in line.corrections
        ],
        "total": money(line.total),
        "unrated": list(line.unrated),
    }


def _bonus_json(bonus: "Bonus", by: str) -> dict[str, Any]:
    from salesdesk.services.bonuses import degree_percent

    degree = None if bonus.degree is None else plain(degree_percent(bonus.degree) / 100)
    return {
        "gross_profit": money(bonus.gross_profit),
        "fact": _value(by, bonus.fact),
        "plan": None if bonus.plan is None else plain(bonus.plan),
        "degree": degree,
        "from": None if bonus.step is None else bonus.step.from_percent,
        "percent": None if bonus.step is None else plain(bonus.step.percent),
        "bonus": money(bonus.amount),
    }


def _bonus_text(sheet: "BonusSheet") -> str:
    from salesdesk.ui import month_words as words

    lines = [words.sheet_name(sheet), ""]
    for line in sheet.lines:
        sums = tables.money(line.bonus.amount, sheet.currency)
        lines.append(f"{line.person}: {sums}. {words.why(line.bonus, sheet.by, sheet.currency)}")
        for one in line.corrections:
            amount = words.signed("revenue", one.amount, sheet.currency)
            why = words.correction_why(one, sheet.currency)
            lines.append(f"  {words.correction_name(one)}: {amount}. {why}")
        if line.corrections:
            paid = tables.money(line.total, sheet.currency)
            lines.append(f"  {tr('To pay {sum}', sum=paid)}")
    lines += ["", f"{tr('Total')}: {tables.money(sheet.total, sheet.currency)}"]
    return "\n".join(lines)
