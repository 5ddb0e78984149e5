"""The log: taking commands back, and the history of the workspace or of one deal."""

import argparse
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from salesdesk.commands import Answer, tables
from salesdesk.commands.session import Session
from salesdesk.commands.values import count_given, iso, iso_day, money
from salesdesk.errors import Refused
from salesdesk.moments import plain
from salesdesk.text import N_, tr, trp

if TYPE_CHECKING:
    from salesdesk.models.store import Store
    from salesdesk.moments import Zone
    from salesdesk.services.audit import Entry
    from salesdesk.services.dealhistory import HistoryLine
    from salesdesk.services.history import UndoResult

_LATEST = 50


# -- undo -----------------------------------------------------------------------------------------


def undo_arguments(parser: argparse.ArgumentParser) -> None:
    """``undo [--steps N | --id COMMAND] [--by PERSON]``."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--steps", type=count_given, metavar="N", help=tr("how many (default: 1)"))
    which.add_argument(
        "--id", type=count_given, metavar="ID", help=tr("one command, by its id in the history")
    )
    parser.add_argument("--by", metavar=tr("PERSON"), help=tr("who does it"))


def run_undo(session: Session, options: argparse.Namespace) -> Answer:
    """Take back the latest commands that stand, all or none, or one of any age."""
    from salesdesk.models import lock
    from salesdesk.services import history

    with session.store() as store:
        person = session.person(store, options.by)
        chosen = _chosen(store, options, person)
        with store.read() as r:
            for entry in chosen:  # all or none
                history.require(r, entry.id, person)
        now = session.now(store.zone)
        running = lock.running(store.path)
        if running is None:
            raise Refused(N_("Another import or undo is being carried out; try again."))
        with running:
            done = [
                (entry, history.undo(store, entry.id, person=person, now=now)) for entry in chosen
            ]
    return Answer({"undone": [_undone_json(*pair) for pair in done]}, _undone_text(done))


def _chosen(store: "Store", options: argparse.Namespace, person: int | None) -> list["Entry"]:
    """The command named, else the latest ones: for whoever is bound by a role the own ones."""
    from salesdesk.services import audit, rights

    steps = options.steps or 1  # no default of argparse: it would let "--id 7 --steps 1" pass
    with store.read() as r:
        if options.id is not None:
            return [audit.command_of(r, options.id)]
        own = None if rights.ranks(r).is_free(person) else person
        standing = audit.commands(r, limit=steps, standing=True, by=own)
    if not standing:
        raise Refused(N_("There is nothing to undo."))
    if len(standing) < steps:
        raise Refused(N_("Only {n} commands can be undone; nothing was changed."), n=len(standing))
    return standing


def _undone_json(entry: "Entry", result: "UndoResult") -> dict[str, Any]:
    return {
        "id": entry.id,
        "kind": entry.kind,
        "about": entry.about(),
        "kept": list(result.kept),
        "command_id": result.command_id,
    }


def _undone_text(done: list[tuple["Entry", "UndoResult"]]) -> str:
    lines = []
    for entry, result in done:
        about = entry.about()
        what = f"{entry.what()} ({about})" if about else entry.what()
        lines.append(tr("Undone: {what}", what=what))
        if result.kept:
            lines.append(tr("Kept, for it was changed since: {names}",
                            names=", ".join(result.kept)))  # fmt: skip
    return "\n".join(lines)


# -- history --------------------------------------------------------------------------------------


def history_arguments(parser: argparse.ArgumentParser) -> None:
    """``history [DEAL] [--limit N]``."""
    parser.add_argument(
        "deal", nargs="?", metavar=tr("DEAL"), help=tr("id, external id or number of a deal")
    )
    parser.add_argument(
        "--limit", type=count_given, metavar="N", help=tr("how many lines (default: all of a deal, "
                                                          "the latest 50 commands)"),
    )  # fmt: skip


def run_history(session: Session, options: argparse.Namespace) -> Answer:
    """What was done, the newest first."""
    if options.deal is not None:
        return _deal_history(session, options)
    from salesdesk.services import audit

    with session.store() as store:
        with store.read() as r:
            found = audit.commands(r, limit=options.limit or _LATEST)
        zone = store.zone
    document = {"commands": [_entry_json(entry, zone) for entry in found]}
    return Answer(document, lambda: _entries_text(found, zone))


def _entry_json(entry: "Entry", zone: "Zone") -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": iso(entry.at, zone),
        "kind": entry.kind,
        "person": entry.person,
        "origin": entry.origin,
        "undone": entry.undone,
        "undoes": entry.undoes,
        "finished": entry.finished,
        "detail": entry.detail,
    }


def _entries_text(found: list["Entry"], zone: "Zone") -> str:
    from salesdesk.services.audit import origin_name

    heads = [tr("Id"), tr("When"), tr("Who"), trp("origin", "From"), tr("What"), tr("About")]
    rows = [
        (
            str(entry.id), tables.moment(entry.at, zone), entry.person or tables.NONE,
            origin_name(entry.origin),
            entry.what() + (f" ({tr('undone')})" if entry.undone else ""), entry.about(),
        )
        for entry in found
    ]  # fmt: skip
    return tables.table(heads, rows, right=(0,))


def _deal_history(session: Session, options: argparse.Namespace) -> Answer:
    from salesdesk.commands.finding import find_deal
    from salesdesk.services import dealhistory

    with session.store() as store, store.read() as r:
        deal = find_deal(r, options.deal)
        page = dealhistory.history(r, deal.id, limit=options.limit or 1_000_000)
        zone = store.zone
    if deal.note:
        session.note(deal.note)
    document = {
        "deal": deal.id,
        "title": deal.title,
        "external_id": deal.external_id,
        "total": page.total,
        "history": [_line_json(line, zone) for line in page.lines],
    }
    return Answer(document, lambda: _lines_text(deal.title, page.lines, zone))


def _line_json(line: "HistoryLine", zone: "Zone") -> dict[str, Any]:
    return {
        "at": iso(line.at, zone),
        "kind": line.kind,
        "command_id": line.command_id,
        "by": line.who,
        "as": "rule" if line.automatic else line.origin,
        "author_known": not line.lacks_author,
        "subject": line.subject,
        "from": _value_json(line, line.old, zone),
        "to": _value_json(line, line.new, zone),
        "reason": line.reason,
        "points": None if line.points is None else plain(line.points),
        "points_to": line.points_to,
        "undone": line.undone,
        "undone_by": line.undone_by,
        "undone_at": iso(line.undone_at, zone),
        "superseded": line.superseded,
        "about": line.about,
    }


def _value_json(line: "HistoryLine", value: Any, zone: "Zone") -> Any:
    if value is None:
        return None
    if line.holds == "money":
        return money(Decimal(value))
    if line.holds == "moment":
        return iso(int(value), zone)
    if line.holds == "day":
        return iso_day(int(value))
    return value


def _lines_text(title: str, lines: tuple["HistoryLine", ...], zone: "Zone") -> str:
    heads = [tr("When"), tr("Who"), tr("What"), tr("Before"), tr("After"), tr("Points")]
    rows = [
        (
            tables.moment(line.at, zone),
            _who(line),
            " ".join(part for part in (_what(line), _subject(line)) if part),
            tables.told(line.old, line.holds, zone, line.currency),
            tables.told(line.new, line.holds, zone, line.currency),
            tables.NONE if line.points is None else plain(line.points),
        )
        for line in lines
    ]
    return f"{title}\n\n{tables.table(heads, rows, right=(5,))}"


def _who(line: "HistoryLine") -> str:
    """Who did it; else what did."""
    from salesdesk.services.audit import origin_name

    if line.who or line.automatic:
        return line.who or tr("rule")
    if line.lacks_author:
        return tr("author not known")
    return origin_name(line.origin) if line.origin == "sync" else tables.NONE


_WHAT = {
    "created": N_("Created"),
    "move": N_("Moved"),
    "owner": N_("Responsible"),
    "field": N_("Field"),
    "own_field": N_("Field"),
    "tag_added": N_("Tag added"),
    "tag_removed": N_("Tag removed"),
    "note": N_("Note"),
    "note_changed": N_("Note changed"),
    "note_removed": N_("Note removed"),
    "payment": N_("Payment planned"),
    "payment_paid": N_("Paid"),
    "payment_unpaid": N_("Not paid after all"),
    "payment_changed": N_("Payment changed"),
    "payment_due": N_("Payment put off"),
    "payment_noted": N_("Payment noted"),
    "payment_removed": N_("Payment removed"),
    "payment_restored": N_("Payment restored"),
    "task": N_("Task"),
    "task_done": N_("Task done"),
    "task_cancelled": N_("Task cancelled"),
    "task_reopened": N_("Task reopened"),
    "task_postponed": N_("Task postponed"),
    "task_due": N_("Due date changed"),
    "task_assigned": N_("Task given to someone else"),
    "task_renamed": N_("Task renamed"),
    "task_removed": N_("Task removed"),
    "child": N_("Child deal"),
    "deleted": N_("Deleted"),
    "restored": N_("Restored"),
    "imported": N_("Imported"),
    "reach_voided": N_("Points voided"),
    "reach_credited": N_("Points credited"),
    "reach_restored": N_("Points restored"),
    "undo": N_("Taken back"),
}


def _subject(line: "HistoryLine") -> str:
    """What it was about; payments are told by their direction."""
    if line.kind.startswith("payment"):
        return tr("from the client") if line.subject == "in" else tr("to a contractor")
    if line.kind == "field":
        from salesdesk.services.dealfields import FIELD_NAMES

        return tr(FIELD_NAMES.get(line.subject, line.subject))
    return line.subject


def _what(line: "HistoryLine") -> str:
    synced = line.kind == "imported" and line.origin == "sync"
    known = N_("Taken over from the CRM") if synced else _WHAT.get(line.kind)
    what = tr(known) if known else line.kind
    return f"{what} ({tr('undone')})" if line.undone else what
