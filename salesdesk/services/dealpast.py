"""A deal as it stood at a past moment: fields, tasks, payments, notes and what it was linked with.

Read as ``past`` reads the board: stage, responsible person and tasks from their facts, all else
from the log, backwards from the present. Names of people, stages and clients are the present ones.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from salesdesk.errors import NotFound
from salesdesk.models import derive
from salesdesk.models.asking import OF_RECORDS
from salesdesk.models.derived import load_rules
from salesdesk.models.store import Reader
from salesdesk.moments import DAY_SECONDS, SECOND, amount_of
from salesdesk.services import board, checklists, dealview, payments
from salesdesk.services.contractor_offers import DealQuotes
from salesdesk.services.contractorview import QuoteLine, late_days
from salesdesk.services.dealhistory import history
from salesdesk.services.deallinks import LinkedDeal
from salesdesk.services.dealview import DealView, NoteLine, OpenedDeal, OwnField
from salesdesk.services.payments import PaymentLine
from salesdesk.services.rewinding import replayed
from salesdesk.services.survivors import survivor
from salesdesk.services.tasks import TaskLine, shown_state
from salesdesk.text import N_

Row = tuple[Any, ...]
_DAY = DAY_SECONDS * SECOND
_FIELDS = (
    "title", "amount", "cost", "currency", "client_id", "contact_id", "source_id", "industry_id",
    "start_day", "expected_day", "probability", "parent_id", "lost_reason_id", "external_id",
    "deleted_at",
)  # fmt: skip


def opened(
    r: Reader, deal_id: int, *, now: int, as_of: int, lines: int = dealview.FIRST_LINES
) -> OpenedDeal:
    """What the panel shows of a deal as of a moment, with the history up to it.

    Raises NotFound for a deal that was not there yet.
    """
    return OpenedDeal(
        deal_at(r, deal_id, as_of),
        dealview.choices(r, now=now),
        history(r, deal_id, limit=lines, until=as_of),
    )


def deal_at(r: Reader, deal_id: int, as_of: int) -> DealView:
    """A deal as of a moment; ``as_of`` is set in it. Raises NotFound where there was none yet."""
    row = r.row(f"SELECT number, {', '.join(_FIELDS)} FROM deal WHERE id = ?", (deal_id,))
    facts = _facts(r, deal_id)
    entries = [move.at for move in facts.moves if move.at <= as_of]
    place = _place(r, facts, as_of)
    if row is None or place is None or not entries:
        raise NotFound(N_("This deal was not there yet at that moment."))
    was = dict(zip(("number", *_FIELDS), row, strict=True))
    was |= replayed(r, "deal", _FIELDS, [deal_id], as_of).get(deal_id, {})
    for name in ("amount", "cost"):
        was[name] = None if was[name] is None else amount_of(was[name])
    stage_id, owner_id, since, created_at = place
    stage = _stage(r, stage_id)
    lines = _payments(r, deal_id, as_of, lost=stage["stage_kind"] == "lost")
    sums = payments.sums_here(r, lines, was["amount"], was["currency"])
    is_open = stage["stage_kind"] == "open"
    return DealView(
        id=deal_id, deleted=was.pop("deleted_at") is not None, **was, **stage,
        stage_id=stage_id, owner_id=owner_id, **_names(r, was, owner_id),
        created_at=created_at, since=since, closed_at=None if is_open else since,
        days_in_stage=max(0, (as_of - since) // _DAY),
        age=board.age(since, stage["limit_days"], as_of) if is_open else "fresh",
        company_deals=0, phone=None, paid=sums.paid,
        stages=dealview.stages_of(r, stage["pipeline_id"]),
        tags=_tags(r, deal_id, as_of), fields=_own_fields(r, deal_id, as_of),
        tasks=_tasks(r, deal_id, as_of), waits={},
        linked=_linked(r, deal_id, was["parent_id"], as_of),
        notes=_notes(r, deal_id, as_of), payments=lines, sums=sums, as_of=as_of,
    )  # fmt: skip


# -- where it stood -------------------------------------------------------------------------------


def _facts(r: Reader, deal_id: int) -> derive.DealFacts:
    moves = r.rows(
        "SELECT id, at, seq, to_stage_id, owner_id, sets_owner, evidence, lost_reason_id "
        "FROM stage_move WHERE undone = 0 AND deal_id = ?",
        (deal_id,),
    )
    owners = r.rows(
        "SELECT at, seq, person_id FROM owner_change WHERE undone = 0 AND deal_id = ?", (deal_id,)
    )
    return derive.DealFacts(
        moves=[derive.Move(*row) for row in moves],
        owners=[derive.OwnerFact(*row) for row in owners],
    )


def _place(
    r: Reader, facts: derive.DealFacts, as_of: int
) -> tuple[int, int | None, int, int] | None:
    """Stage, responsible person, entry into the stage and creation, as of the moment."""
    state = derive.derive_deal(facts, load_rules(r))
    counted = [
        move.at
        for move in facts.moves
        if move.at <= as_of and state.moves.get(move.id, derive.MoveFacts(2, None, None))[0] == 0
    ]
    for span in state.spans:
        if span.start <= as_of and (span.stop is None or span.stop > as_of) and counted:
            return span.stage, span.owner, max(counted), min(counted)
    return None


def _stage(r: Reader, stage_id: int) -> dict[str, Any]:
    names = ("stage", "stage_kind", "stage_colour", "stage_probability", "limit_days",
             "pipeline_id", "pipeline")  # fmt: skip
    row = r.row(
        "SELECT s.name, s.kind, s.colour, s.probability, s.limit_days, p.id, p.name FROM stage s "
        "JOIN pipeline p ON p.id = s.pipeline_id WHERE s.id = ?",
        (stage_id,),
    )
    return dict(zip(names, row or (), strict=True))


def _names(r: Reader, was: Mapping[str, Any], owner_id: int | None) -> dict[str, Any]:
    def named(table: str, key: int | None) -> str | None:
        if key is None:
            return None
        found: str | None = r.value(f"SELECT name FROM {table} WHERE id = ?", (key,))
        return found

    return {
        "owner": named("person", owner_id),
        "company": named("client", was["client_id"]),
        "contact": named("client", was["contact_id"]),
        "source": named("source", was["source_id"]),
        "industry": named("industry", was["industry_id"]),
        "lost_reason": named("lost_reason", was["lost_reason_id"]),
    }


def _linked(r: Reader, deal_id: int, parent_id: int | None, as_of: int) -> tuple[LinkedDeal, ...]:
    """The parent and the children that were there, in the stages in which they stood."""
    children = [row[0] for row in r.rows("SELECT id FROM deal WHERE parent_id = ?", (deal_id,))]
    ids = [*([parent_id] if parent_id is not None else []), *children]
    fields = ("title", "amount", "currency", "deleted_at")
    past = replayed(r, "deal", fields, ids, as_of)
    found = {}
    for row in r.rows_of(
        "SELECT d.id, d.number, l.name, s.name, s.kind, s.colour, d.title, d.amount, d.currency, "
        "d.deleted_at "
        "FROM deal d JOIN span x ON x.deal_id = d.id JOIN stage s ON s.id = x.stage_id "
        "JOIN pipeline l ON l.id = s.pipeline_id "
        "WHERE x.start <= ? AND (x.stop IS NULL OR x.stop > ?) AND d.id IN ({ids})",
        ids,
        (as_of, as_of),
    ):
        was = dict(zip(fields, row[6:], strict=True)) | past.get(row[0], {})
        if was["deleted_at"] is None:
            amount = None if was["amount"] is None else amount_of(was["amount"])
            found[row[0]] = LinkedDeal(
                row[0], row[1], was["title"], row[2], row[3], amount, was["currency"],
                row[0] == parent_id, row[4], row[5],
            )  # fmt: skip
    rows = [found[key] for key in ids if key in found]
    return tuple(sorted(rows, key=lambda one: (not one.is_parent, one.kind != "open", one.id)))


# -- what belonged to it --------------------------------------------------------------------------


def _there(
    r: Reader, table: str, columns: tuple[str, ...], where: str, subject: int, as_of: int
) -> dict[int, dict[str, Any]]:
    """Records of a table that were there and the deal's (column ``where``), with their columns as
    they were; a merge gives them to the survivor."""
    names = (*columns, where, "deleted_at")
    rows = {
        row[0]: dict(zip(names, row[1:], strict=True))
        for row in r.rows_of(
            f"SELECT id, {', '.join(names)} FROM {table} WHERE {where} IN ({{ids}})",
            sorted({subject, survivor(r, "deal", subject)}),
        )
    }
    never = _not_there(r, table, rows, as_of)
    for key, past in replayed(r, table, names, rows, as_of).items():
        rows[key] |= past
    return {
        key: row
        for key, row in rows.items()
        if row["deleted_at"] is None and row[where] == subject and key not in never
    }


def _not_there(
    r: Reader, table: str, rows: Mapping[int, Mapping[str, Any]], as_of: int
) -> set[int]:
    """Records that were made later, or whose making was taken back."""
    return {
        key
        for key, at, undone in r.rows_of(
            "SELECT c.row_id, t.at, m.undone FROM change c JOIN txn t ON t.id = c.txn_id "
            "JOIN command m ON m.id = t.command_id WHERE c.tbl = ? AND c.field IS NULL "
            f"AND c.{OF_RECORDS} AND c.row_id IN ({{ids}})",
            rows,
            (table,),
        )
        if at > as_of or (undone and rows[key]["deleted_at"] is not None)
    }


def _payments(r: Reader, deal_id: int, as_of: int, *, lost: bool) -> tuple[PaymentLine, ...]:
    columns = (
        "direction", "amount", "currency", "planned_day", "actual_day", "contractor_id", "note",
    )  # fmt: skip
    rows = _there(r, "payment", columns, "deal_id", deal_id, as_of)
    names = _contractors(r, rows.values())
    today = r.zone.day_of(as_of)
    return payments.in_order(
        payments.line(
            (
                key, row["direction"], row["amount"], row["currency"], row["planned_day"],
                row["actual_day"], row["contractor_id"], names.get(row["contractor_id"]),
                row["note"],
            ),
            today, lost=lost,
        )
        for key, row in rows.items()
    )  # fmt: skip


_QUOTE = (
    "contractor_id", "service_id", "price", "currency", "day", "accepted", "planned_day",
    "actual_day", "person_id", "note",
)  # fmt: skip


def quotes_at(r: Reader, deal_id: int, as_of: int) -> DealQuotes:
    """Contractors' prices in a deal as they stood, the latest first; without the ratings that their
    work was given, and with nothing to be proposed or planned."""
    rows = _there(r, "contractor_quote", _QUOTE, "deal_id", deal_id, as_of)
    contractors = _contractors(r, rows.values())
    services: dict[int | None, str] = dict(r.rows("SELECT id, name FROM service"))
    people: dict[int | None, str] = dict(r.rows("SELECT id, name FROM person"))
    number, title, currency = r.row(
        "SELECT number, title, currency FROM deal WHERE id = ?", (deal_id,)
    ) or (None, None, "")
    today = r.zone.day_of(as_of)
    lines = []
    for key, row in rows.items():
        accepted, planned, actual = bool(row["accepted"]), row["planned_day"], row["actual_day"]
        lines.append(
            QuoteLine(
                id=key, contractor_id=row["contractor_id"],
                contractor=contractors[row["contractor_id"]], deal_id=deal_id, deal_number=number,
                deal=title, service_id=row["service_id"], service=services.get(row["service_id"]),
                price=amount_of(row["price"]), currency=row["currency"], day=row["day"],
                accepted=accepted, planned_day=planned, actual_day=actual,
                late_days=late_days(accepted, planned, actual, today),
                closed=accepted and actual is not None, score=None,
                by=people.get(row["person_id"]), note=row["note"],
            )
        )  # fmt: skip
    lines.sort(key=lambda one: (one.day, one.id), reverse=True)
    return DealQuotes(deal_id, bool(lines), currency, None, (), tuple(lines), {})


def _contractors(r: Reader, rows: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    ids = {row["contractor_id"] for row in rows} - {None}
    return dict(r.rows_of("SELECT id, name FROM contractor WHERE id IN ({ids})", sorted(ids)))


def _tags(r: Reader, deal_id: int, as_of: int) -> tuple[str, ...]:
    rows = _there(r, "deal_tag", ("tag_id",), "deal_id", deal_id, as_of)
    ids = sorted({row["tag_id"] for row in rows.values()})
    found = r.rows_of("SELECT name_key, name FROM tag WHERE id IN ({ids})", ids)
    return tuple(name for _key, name in sorted(found))


def _own_fields(r: Reader, deal_id: int, as_of: int) -> tuple[OwnField, ...]:
    rows = _there(r, "field_value", ("field_id", "value"), "subject_id", deal_id, as_of)
    values = {row["field_id"]: row["value"] for row in rows.values()}
    return tuple(
        OwnField(key, name, kind, tuple(json.loads(options)), values.get(key))
        for key, name, kind, options in r.rows(
            "SELECT id, name, kind, options FROM custom_field WHERE subject = 'deal' "
            "AND deleted_at IS NULL ORDER BY position, id"
        )
    )


def _notes(r: Reader, deal_id: int, as_of: int) -> tuple[NoteLine, ...]:
    rows = _there(r, "note", ("text", "at", "person_id"), "deal_id", deal_id, as_of)
    people: dict[int | None, str] = dict(
        r.rows_of(
            "SELECT id, name FROM person WHERE id IN ({ids})",
            sorted({row["person_id"] for row in rows.values()} - {None}),
        )
    )
    found = [
        NoteLine(key, row["text"], row["at"], people.get(row["person_id"]))
        for key, row in rows.items()
    ]
    return tuple(sorted(found, key=lambda note: (note.at, note.id), reverse=True))


_TASK = (
    "title", "kind_id", "created_at", "rule_id", "must_be_done", "asks_result", "result", "event",
    "description", "checklist", "note",
)  # fmt: skip


def _tasks(r: Reader, deal_id: int, as_of: int) -> tuple[TaskLine, ...]:
    """Tasks in the order of ``tasks.of_deal``, in the state in which they were."""
    rows = _there(r, "task", _TASK, "deal_id", deal_id, as_of)
    facts: dict[int, list[derive.TaskFact]] = {}
    for task, *fact in r.rows_of(
        "SELECT task_id, at, seq, fields, assignee_id, due_at, state, postponement FROM "
        "task_change WHERE undone = 0 AND task_id IN ({ids}) ORDER BY at, seq",
        rows,
    ):
        if fact[0] <= as_of:
            facts.setdefault(task, []).append(derive.TaskFact(*fact))
    people: dict[int | None, str] = dict(r.rows("SELECT id, name FROM person"))
    kinds = {row[0]: row[1:] for row in r.rows("SELECT id, name, icon FROM task_kind")}
    day_end = r.zone.start_of(r.zone.day_of(as_of) + 1)
    found = []
    for key, known in facts.items():
        row, state = rows[key], derive.derive_task(known, derive.NOBODY, False)
        kind, icon = kinds.get(row["kind_id"], (None, None))
        found.append(
            TaskLine(
                id=key, title=row["title"], kind=kind, icon=icon, deal_id=deal_id, deal=None,
                client=None, assignee_id=state.assignee, assignee=people.get(state.assignee),
                due_at=state.due, state=state.state,
                shown=shown_state(state.state, state.due, row["event"], as_of, day_end),
                postponed=state.postponed, asks_result=bool(row["asks_result"]),
                result=row["result"] if state.state == "done" else None,
                from_rule=row["rule_id"] is not None, must_be_done=bool(row["must_be_done"]),
                event=row["event"], created_at=row["created_at"], closed_at=state.closed_at,
                description=row["description"], checklist=checklists.read(row["checklist"]),
                noted=row["note"],
            )
        )  # fmt: skip
    opened = [task for task in found if task.state == "open"]
    closed = [task for task in found if task.state != "open"]
    opened.sort(key=lambda task: (task.due_at is None, task.due_at or 0, task.id))
    closed.sort(key=lambda task: (-(task.closed_at or 0), task.id))
    return (*opened, *closed)
