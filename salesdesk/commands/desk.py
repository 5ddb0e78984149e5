"""A manager's day at the command line: the board, a move, the tasks."""

import argparse
from typing import TYPE_CHECKING, Any

from salesdesk.commands import Answer, tables
from salesdesk.commands.session import Session
from salesdesk.commands.values import iso, moment_given, moment_in, money
from salesdesk.errors import Refused
from salesdesk.services.cards import MoveResult
from salesdesk.text import N_, ntr, tr

if TYPE_CHECKING:
    from salesdesk.commands.finding import FoundDeal
    from salesdesk.moments import Zone
    from salesdesk.services.past import PastCard, PastColumn
    from salesdesk.services.tasks import TaskLine

_STATES = {
    "overdue": N_("Overdue"),
    "today": N_("Today"),
    "planned": N_("Planned"),
    "waiting": N_("Waiting"),
    "none": N_("No task"),
    "done": N_("Done"),
    "cancelled": N_("Cancelled"),
}
_SHOWN_CARDS = 10


# -- board ----------------------------------------------------------------------------------------


def board_arguments(parser: argparse.ArgumentParser) -> None:
    """``board [--pipeline NAME] [--as-of T]``."""
    parser.add_argument(
        "--pipeline", metavar=tr("NAME"), help=tr("which pipeline (default: the first one)")
    )
    parser.add_argument(
        "--as-of",
        type=moment_given,
        metavar=tr("MOMENT"),
        help=tr("as it stood then; a date means the end of that day"),
    )


def run_board(session: Session, options: argparse.Namespace) -> Answer:
    """Columns with their counts, sums and cards."""
    from salesdesk.commands.finding import find_pipeline
    from salesdesk.services import board, past

    with session.store() as store, store.read() as r:
        zone = store.zone
        as_of = session.now(zone)
        if options.as_of is not None:
            as_of = moment_in(options.as_of, zone, end_of_day=True)
        pipeline = find_pipeline(r, options.pipeline)
        columns = past.board_at(r, pipeline.id, as_of)
        home = board.currency(r)
    for column in columns:
        if column.unrated:
            session.note(
                tr("{stage}: amounts in {currencies} have no rate and are left out of the sum.",
                   stage=column.name, currencies=", ".join(column.unrated))
            )  # fmt: skip
    return Answer(
        {
            "pipeline": pipeline.name,
            "as_of": iso(as_of, zone),
            "currency": home,
            "stages": [_column_json(column, zone) for column in columns],
        },
        lambda: _board_text(pipeline.name, columns, as_of, zone, home),
    )


def _column_json(column: "PastColumn", zone: "Zone") -> dict[str, Any]:
    return {
        "id": column.id,
        "name": column.name,
        "kind": column.kind,
        "count": column.count,
        "amount": money(column.amount),
        "weighted": money(column.weighted),
        "unrated": list(column.unrated),
        "deals": [_card_json(card, zone) for card in column.deals],
    }


def _card_json(card: "PastCard", zone: "Zone") -> dict[str, Any]:
    return {
        "id": card.id,
        "number": card.number,
        "external_id": card.external_id,
        "title": card.title,
        "company": card.company,
        "owner": card.owner,
        "amount": money(card.amount),
        "currency": card.currency,
        "task_state": card.task_state,
        "next_task": card.next_task,
        "next_due": iso(card.next_due, zone),
        "days_in_stage": card.days_in_stage,
        "created_at": iso(card.created_at, zone),
        "stage_entered_at": iso(card.stage_entered_at, zone),
    }


def _board_text(name: str, columns: list["PastColumn"], as_of: int, zone: "Zone", home: str) -> str:
    heads = [tr("Stage"), tr("Deals"), tr("Amount"), tr("Weighted")]
    rows = [
        (one.name, tables.count(one.count), tables.money(one.amount, home),
         tables.money(one.weighted, home))
        for one in columns
    ]  # fmt: skip
    title = tr("{pipeline}, {moment}", pipeline=name, moment=tables.moment(as_of, zone))
    parts = [title, "", tables.table(heads, rows, right=(1, 2, 3))]
    for column in columns:
        if column.deals:
            parts += ["", f"{column.name} ({tables.count(column.count)})", _cards_text(column)]
    return "\n".join(parts)


def _cards_text(column: "PastColumn") -> str:
    heads = [tr("Id"), tr("Deal"), tr("Client"), tr("Responsible"), tr("Amount"), tr("Task"),
             tr("Days")]  # fmt: skip
    rows = [
        (
            str(card.id), card.title, card.company or tables.NONE, card.owner or tables.NONE,
            tables.money(card.amount, card.currency), tr(_STATES[card.task_state]),
            tables.count(card.days_in_stage),
        )
        for card in column.deals[:_SHOWN_CARDS]
    ]  # fmt: skip
    shown = tables.table(heads, rows, right=(0, 4, 6))
    more = len(column.deals) - _SHOWN_CARDS
    if more > 0:
        shown += "\n" + ntr("… and {n} more deal", "… and {n} more deals", more)
    return shown


# -- move -----------------------------------------------------------------------------------------


def move_arguments(parser: argparse.ArgumentParser) -> None:
    """``move DEAL STAGE [--by PERSON] [--override REASON] [--reason NAME]``."""
    parser.add_argument(
        "deal",
        metavar=tr("DEAL"),
        help=tr("id, external id or number; id:7, external:7 and number:7 say which is meant"),
    )
    parser.add_argument(
        "stage",
        metavar=tr("STAGE"),
        help=tr("name or id; Pipeline/Stage for a stage of another pipeline"),
    )
    parser.add_argument("--by", metavar=tr("PERSON"), help=tr("who does it"))
    parser.add_argument(
        "--override",
        metavar=tr("REASON"),
        help=tr("move it even if the stage does not allow it; for team leads"),
    )
    parser.add_argument(
        "--reason", metavar=tr("NAME"), help=tr("why the deal was lost, from the list of reasons")
    )


def run_move(session: Session, options: argparse.Namespace) -> Answer:
    """One move with all that it sets off."""
    from salesdesk.commands.finding import find_deal, find_stage
    from salesdesk.services import days_off, deals, lists

    with session.store() as store:
        person = session.person(store, options.by)
        with store.read() as r:
            deal = find_deal(r, options.deal)
            stage = find_stage(r, deal.pipeline_id, options.stage)
            reason = lists.find(r, "lost_reasons", options.reason).id if options.reason else None
        if deal.note:
            session.note(deal.note)
        if stage.id == deal.stage_id:
            return _moved(deal, None, stage.name, stage.name)
        now = session.now(store.zone)
        if now < deal.since:  # the later entry would count: it would stand where it stands
            raise Refused(
                N_("“{title}” came to its stage at {moment}, later than now; it was not moved."),
                title=deal.title,
                moment=tables.moment(deal.since, store.zone),
            )
        days_off.keep_up(store, now=now)  # what it makes due may lie in the year to come
        result = deals.move(
            store, [deal.id], stage.id,
            person=person, now=now, origin="cli",
            lost_reason_id=reason, override=options.override,
        )  # fmt: skip
    return _moved(deal, result, result.from_stage, result.to_stage)


def _moved(deal: "FoundDeal", result: MoveResult | None, left: str | None, entered: str) -> Answer:
    document: dict[str, Any] = {
        "deal": deal.id,
        "title": deal.title,
        "external_id": deal.external_id,
        "from": left,
        "to": entered,
        "tasks_created": list(result.tasks_created) if result else [],
        "tasks_closed": list(result.tasks_closed) if result else [],
        "deals_created": list(result.deals_created) if result else [],
        "deals_moved": list(result.deals_moved) if result else [],
        "command_id": result.command_id if result else None,
    }
    if result is None:
        return Answer(document, tr("“{title}” stands in {stage} already; nothing was changed.",
                                   title=deal.title, stage=entered))  # fmt: skip
    lines = [tr("“{title}”: {left} → {entered}", title=deal.title, left=left, entered=entered)]
    for heading, titles in (
        (tr("Tasks created"), result.tasks_created),
        (tr("Tasks closed"), result.tasks_closed),
        (tr("Deals created"), result.deals_created),
        (tr("Deals moved"), result.deals_moved),
    ):
        if titles:
            lines.append(f"{heading}: {', '.join(titles)}")
    return Answer(document, "\n".join(lines))


# -- tasks ----------------------------------------------------------------------------------------


def tasks_arguments(parser: argparse.ArgumentParser) -> None:
    """``tasks [--person P] [--state S]``."""
    parser.add_argument("--person", metavar=tr("PERSON"), help=tr("only this person's"))
    parser.add_argument(
        "--state",
        choices=("overdue", "today", "planned", "waiting", "done"),
        help=tr("only these (default: all that are open)"),
    )


def run_tasks(session: Session, options: argparse.Namespace) -> Answer:
    """Tasks by due moment."""
    from salesdesk.services import people, tasks

    with session.store() as store, store.read() as r:
        zone = store.zone
        who = None if options.person is None else [people.find_person(r, options.person).id]
        found = tasks.tasks(
            r, now=session.now(zone), assignee_ids=who, state=options.state, limit=-1
        )
        external = _external_ids(r, found)
    return Answer(
        {"tasks": [_task_json(task, zone, external) for task in found]},
        lambda: _tasks_text(found, zone),
    )


def _external_ids(r: Any, found: list["TaskLine"]) -> dict[int, str | None]:
    ids = {task.deal_id for task in found if task.deal_id is not None}
    return dict(r.rows_of("SELECT id, external_id FROM deal WHERE id IN ({ids})", sorted(ids)))


def _task_json(task: "TaskLine", zone: "Zone", external: dict[int, str | None]) -> dict[str, Any]:
    return {
        "id": task.id,
        "title": task.title,
        "kind": task.kind,
        "deal_id": task.deal_id,
        "deal": task.deal,
        "deal_external_id": external.get(task.deal_id or 0),
        "company": task.client,
        "assignee": task.assignee,
        "due": iso(task.due_at, zone),
        "state": task.shown,
        "postponed": task.postponed,
        "created_at": iso(task.created_at, zone),
        "closed_at": iso(task.closed_at, zone),
        "result": task.result,
    }


def _tasks_text(found: list["TaskLine"], zone: "Zone") -> str:
    if not found:
        return tr("There are no such tasks.")
    heads = [tr("Id"), tr("Due"), tr("State"), tr("Task"), tr("Deal"), tr("Assignee")]
    rows = [
        (
            str(task.id), tables.moment(task.due_at, zone), tr(_STATES[task.shown]), task.title,
            task.deal or task.client or tables.NONE, task.assignee or tables.NONE,
        )
        for task in found
    ]  # fmt: skip
    return tables.table(heads, rows, right=(0,))
