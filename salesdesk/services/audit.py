"""The list of commands: who asked for what, when, and whether it still stands."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from salesdesk.errors import NotFound
from salesdesk.models.store import Reader
from salesdesk.text import N_, tr

KINDS: dict[str, str] = {
    "init": N_("Workspace made"),
    "rebuild": N_("Derived numbers rebuilt"),
    "import": N_("Import"),
    "undo": N_("Taken back"),
    "redo": N_("Done again"),
    "deal.create": N_("Deal created"),
    "deal.move": N_("Deal moved"),
    "deal.place": N_("Card put in another place"),
    "deal.change": N_("Deal changed"),
    "deal.field": N_("Own field of a deal changed"),
    "deal.tags": N_("Tags changed"),
    "deal.assign": N_("Responsible person changed"),
    "deal.delete": N_("Deal deleted"),
    "deal.restore": N_("Deal restored"),
    "deal.merge": N_("Deals merged"),
    "note.add": N_("Note added"),
    "note.change": N_("Note changed"),
    "note.remove": N_("Note removed"),
    "payment.add": N_("Payment added"),
    "payment.change": N_("Payment changed"),
    "payment.pay": N_("Payment marked as paid"),
    "payment.remove": N_("Payment removed"),
    "client.add": N_("Client added"),
    "client.change": N_("Client changed"),
    "client.field": N_("Own field of a client changed"),
    "client.contact": N_("Phones or e-mails changed"),
    "client.delete": N_("Client deleted"),
    "client.merge": N_("Clients merged"),
    "client.apart": N_("Clients kept apart"),
    "contractor.add": N_("Contractor added"),
    "contractor.change": N_("Contractor changed"),
    "contractor.service": N_("Services of a contractor changed"),
    "contractor.contact": N_("Contacts of a contractor changed"),
    "contractor.delete": N_("Contractor deleted"),
    "quote.add": N_("Contractor's price added"),
    "quote.change": N_("Contractor's price changed"),
    "quote.accept": N_("Contractor's price accepted"),
    "quote.decline": N_("Contractor's price accepted no more"),
    "quote.done": N_("Contractor's work done"),
    "quote.remove": N_("Contractor's price removed"),
    "rating.give": N_("Contractor rated"),
    "rating.remove": N_("Contractor's rating removed"),
    "task.add": N_("Task added"),
    "task.complete": N_("Task done"),
    "task.cancel": N_("Task cancelled"),
    "task.reopen": N_("Task reopened"),
    "task.postpone": N_("Task postponed"),
    "task.due": N_("Due date changed"),
    "task.reassign": N_("Task given to someone else"),
    "task.rename": N_("Task renamed"),
    "task.text": N_("Text of a task changed"),
    "task.checklist": N_("Checklist of a task changed"),
    "task.tick": N_("Line of a checklist ticked or not"),
    "task.first": N_("First tasks created"),
    "task.accept": N_("Result accepted"),
    "task.give_back": N_("Task given back"),
    "filter.save": N_("Filter saved"),
    "filter.rename": N_("Filter renamed"),
    "filter.share": N_("Filter shared or kept to oneself"),
    "filter.delete": N_("Filter deleted"),
    "reach.void": N_("Points voided"),
    "reach.credit": N_("Points credited"),
    "reach.restore": N_("Points as they were"),
    "person.add": N_("Person added"),
    "person.change": N_("Person changed"),
    "person.leave": N_("Person left"),
    "person.hand_over": N_("Deals and tasks handed over"),
    "person.remove": N_("Person removed"),
    "person.restore": N_("Person brought back"),
    "person.pin": N_("PIN changed"),
    "team.add": N_("Team added"),
    "team.change": N_("Team changed"),
    "team.order": N_("Teams put in another order"),
    "team.remove": N_("Team removed"),
    "team.restore": N_("Team brought back"),
    "absence.add": N_("Absence added"),
    "absence.change": N_("Absence changed"),
    "absence.end": N_("Back from an absence"),
    "absence.remove": N_("Absence removed"),
    "pipeline.add": N_("Pipeline added"),
    "pipeline.change": N_("Pipeline changed"),
    "pipeline.order": N_("Pipelines put in another order"),
    "pipeline.delete": N_("Pipeline deleted"),
    "stage.add": N_("Stage added"),
    "stage.change": N_("Stage changed"),
    "stage.order": N_("Stages put in another order"),
    "stage.delete": N_("Stage deleted"),
    "stage.archive": N_("Stage archived"),
    "stage.merge": N_("Stages merged"),
    "stage.restore": N_("Archived stage taken back"),
    "points.set": N_("Points of a stage changed"),
    "points.apply": N_("Points that were tried out applied"),
    "review.look": N_("Doubtful moves looked at"),
    "review.list": N_("Doubtful moves listed again"),
    "task_rule.add": N_("Task rule added"),
    "task_rule.change": N_("Task rule changed"),
    "task_rule.order": N_("Task rules put in another order"),
    "task_rule.delete": N_("Task rule deleted"),
    "link_rule.add": N_("Link between pipelines added"),
    "link_rule.change": N_("Link between pipelines changed"),
    "link_rule.order": N_("Links between pipelines put in another order"),
    "link_rule.delete": N_("Link between pipelines deleted"),
    "list.add": N_("Entry of a list added"),
    "list.change": N_("Entry of a list changed"),
    "list.order": N_("List put in another order"),
    "list.remove": N_("Entry of a list removed"),
    "rate.set": N_("Rate set"),
    "rate.remove": N_("Rate removed"),
    "month.close": N_("Month closed"),
    "month.reopen": N_("Month opened again"),
    "bonus.set": N_("Bonus table changed"),
    "award.confirm": N_("Awards confirmed"),
    "award.withdraw": N_("Awards taken back"),
    "plan.set": N_("Plan set"),
    "norm.set": N_("Norm set"),
    "day_off.add": N_("Day off added"),
    "day_off.remove": N_("Day off removed"),
    "day_off.change": N_("Day off renamed"),
    "day_off.work": N_("Weekend day made a working day"),
    "day_off.rest": N_("Weekend day made free again"),
    "day_off.copy": N_("Working days of a year copied"),
    "settings.change": N_("Settings changed"),
    "digest.add": N_("Place for the digest added"),
    "digest.change": N_("Place for the digest changed"),
    "digest.remove": N_("Place for the digest removed"),
    "digest.moved": N_("Chat of the digest has another number"),
    "digest.send": N_("Digest sent"),
    "digest.outcome": N_("What became of a digest"),
    "configuration.import": N_("Configuration imported"),
    "sync.connect": N_("CRM connected"),
    "sync.disconnect": N_("CRM disconnected"),
    "sync.pull": N_("Taken over from the CRM"),
    "sync.settings": N_("Choices of the sync changed"),
    "demo.cast": N_("Sample team made"),
}
#: What else a kind begins with, for the many verbs of the configuration.
_SUBJECTS: dict[str, str] = {
    "import": N_("Import"),
    "deal": N_("Deal changed"),
    "task": N_("Task changed"),
    "client": N_("Client changed"),
    "note": N_("Notes changed"),
    "filter": N_("Filters changed"),
    "payment": N_("Payments changed"),
    "contractor": N_("Contractors changed"),
    "quote": N_("Contractors' prices changed"),
    "rating": N_("Contractors' ratings changed"),
    "reach": N_("Points ruled upon"),
    "person": N_("People changed"),
    "team": N_("Teams changed"),
    "absence": N_("Absences changed"),
    "pipeline": N_("Pipelines changed"),
    "stage": N_("Stages changed"),
    "points": N_("Points of a stage changed"),
    "task_rule": N_("Task rules changed"),
    "link_rule": N_("Links between pipelines changed"),
    "list": N_("Lists changed"),
    "rate": N_("Rates changed"),
    "month": N_("Months closed or opened"),
    "bonus": N_("Bonus table changed"),
    "award": N_("Awards confirmed or taken back"),
    "plan": N_("Plans changed"),
    "norm": N_("Norms changed"),
    "day_off": N_("Days off changed"),
    "demo": N_("Sample team made"),
}
ORIGINS: dict[str, str] = {
    "window": N_("window"),
    "cli": N_("command line"),
    "import": N_("import"),
    "rule": N_("rule"),
    "undo": N_("undo"),
    "sync": N_("sync"),
    "demo": N_("sample"),
}


#: How many of the records that were merged away are named.
_NAMED = 3


#: Commands that undo does not take back: what they did is no content of the workspace, or went out.
LASTING = (
    "init", "rebuild", "digest.send", "digest.outcome", "sync.connect", "sync.disconnect",
    "sync.settings",
)  # fmt: skip


def quoted(kinds: Sequence[str]) -> str:
    """Kinds of commands as a list of SQL."""
    return ", ".join(f"'{kind}'" for kind in kinds)


@dataclass(frozen=True, slots=True)
class Entry:
    """A command of the log. ``detail`` is what it noted about itself, ``undoes`` the command that
    an undo or redo is about, ``finished`` false while it runs (or was left by a crash)."""

    id: int
    at: int
    kind: str
    origin: str
    person: str | None
    undone: bool
    undoes: int | None
    finished: bool
    detail: dict[str, Any]

    def what(self) -> str:
        """What it did, for people."""
        return kind_name(self.kind)

    def about(self) -> str:
        """Which deal, task or thing it was about, as far as it said so."""
        title = self.detail.get("title") or self.detail.get("name") or self.detail.get("file")
        merged = self.detail.get("merged")
        if title and isinstance(merged, list) and merged:
            return f"{_some(merged)} → {title}"
        parts = [str(title)] if title else []
        if self.undoes is not None:
            parts.append(tr("command {id}", id=self.undoes))
        if self.detail.get("stage"):
            left = self.detail.get("from")
            parts.append(f"{left} → {self.detail['stage']}" if left else str(self.detail["stage"]))
        count = self.detail.get("count")
        if isinstance(count, int) and count > 1:
            parts.append(tr("{n} in all", n=count))
        return ", ".join(parts)


def _some(names: list[object]) -> str:
    """The first few of some names."""
    more = ", …" if len(names) > _NAMED else ""
    return ", ".join(str(name) for name in names[:_NAMED]) + more


def kind_name(kind: str) -> str:
    """What a kind of command is called."""
    known = KINDS.get(kind)
    if known is None:
        known = _SUBJECTS.get(kind.partition(".")[0])
    return tr(known) if known else kind


def origin_name(origin: str) -> str:
    """Where a command came from, for people."""
    return tr(ORIGINS[origin]) if origin in ORIGINS else origin


def commands(
    r: Reader,
    *,
    limit: int = 100,
    standing: bool = False,
    until: int | None = None,
    by: int | None = None,
) -> list[Entry]:
    """The latest commands, the newest first; ``standing``: only those that undo would take back,
    ``until``: only up to a moment, ``by``: only of one person. A limit below 0 is none."""
    where = "WHERE 1"
    params: list[int] = []
    if standing:
        where += (
            " AND c.undone = 0 AND c.origin NOT IN ('undo', 'sync', 'rule') AND c.state = 'done' "
            f"AND c.kind NOT IN ({quoted(LASTING)})"
        )
    if until is not None:
        where += " AND c.at <= ?"
        params.append(until)
    if by is not None:
        where += " AND c.person_id = ?"
        params.append(by)
    rows = r.rows(f"{_SELECT} {where} ORDER BY c.id DESC LIMIT ?", (*params, limit))
    return [_entry(row) for row in rows]


def command_of(r: Reader, command_id: int) -> Entry:
    """One command; raises NotFound."""
    row = r.row(f"{_SELECT} WHERE c.id = ?", (command_id,))
    if row is None:
        raise NotFound(N_("There is no command {id} in the history."), id=command_id)
    return _entry(row)


_SELECT = (
    "SELECT c.id, c.at, c.kind, c.origin, p.name, c.undone, c.undoes_id, c.state, c.detail "
    "FROM command c LEFT JOIN person p ON p.id = c.person_id"
)


def commands_where(
    r: Reader, where: str, params: Sequence[Any], limit: int
) -> list[tuple[Entry, int | None]]:
    """The newest commands of a condition on ``c`` (command), each with the id of its person."""
    sql = _SELECT.replace(" FROM ", ", c.person_id FROM ", 1)
    rows = r.rows(f"{sql} WHERE {where} ORDER BY c.id DESC LIMIT ?", (*params, limit))
    return [(_entry(row), row[9]) for row in rows]


def _entry(row: tuple[Any, ...]) -> Entry:
    return Entry(
        id=row[0],
        at=row[1],
        kind=row[2],
        origin=row[3],
        person=row[4],
        undone=bool(row[5]),
        undoes=row[6],
        finished=row[7] == "done",
        detail=_detail(row[8]),
    )


def _detail(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {"note": found}
