"""What a file of tasks means: tasks with their own past, matched by external id."""

from typing import Any

from salesdesk.models.store import Reader, Transaction
from salesdesk.services.exchange import keys
from salesdesk.services.exchange.columns import Columns
from salesdesk.services.exchange.dates import When
from salesdesk.services.exchange.directory import Names
from salesdesk.services.exchange.importer import Request
from salesdesk.services.exchange.known_deals import is_number, known_deals
from salesdesk.services.exchange.moments_of import Moments
from salesdesk.services.exchange.rejects import CLOSED_BEFORE_CREATED, SAME_ID, Reject
from salesdesk.services.surroundings import load_calendar
from salesdesk.text import N_

NO_DEAL = N_("no such deal")
ASSIGNEE, DUE, STATE = 1, 2, 4


class TasksPlan:
    """Plan of ``--as tasks`` (see ``importer.Plan``)."""

    def __init__(self, r: Reader, columns: Columns, request: Request) -> None:
        self.created = self.updated = self.unchanged = 0
        self.rejects: list[Reject] = []
        self._columns = columns
        self._now = request.now
        self._moments = Moments(r.zone)
        self._calendar = load_calendar(r)
        self._people = Names(r, "person")
        names = ("external_id", "title", "deal", "assignee", "state")
        self._text = {name: columns.texts(name) for name in names}
        self._date = {name: columns.dates(name) for name in ("created_at", "due", "closed_at")}
        self._new: list[dict[str, Any]] = []
        self._changes: list[dict[str, Any]] = []
        self._told: set[tuple[Any, ...]] = set()
        self._plan(r)

    def _plan(self, r: Reader) -> None:
        deals = self._deals(r)
        known = self._known(r)
        seen: dict[str, int] = {}
        for row in self._columns.good:
            external = self._text["external_id"][row]
            if external and external in seen:
                self._repeated(row, seen[external])
                continue
            found = self._read(row, deals)
            if found is None:
                continue
            if external:
                seen[external] = row
            before = known.get(external) if external else None
            if before is None:
                self._new.append(found)
                self.created += 1
            else:
                self._compare(found, before)

    def _repeated(self, row: int, first: int) -> None:
        rows = self._columns.table.rows
        if rows[row][1] == rows[first][1]:
            self.unchanged += 1
        else:
            self.rejects.append(self._columns.reject_of(row, "external_id", SAME_ID))

    def _deals(self, r: Reader) -> dict[str, int]:
        names = {name for name in self._text["deal"] if name}
        numbers = [int(name) for name in names if is_number(name)]
        rows = r.rows_of(
            "SELECT number, id FROM deal WHERE deleted_at IS NULL AND number IN ({ids})", numbers
        )
        found = {str(number): deal for number, deal in rows}
        found.update({name: deal.id for name, deal in known_deals(r, names).items()})
        return found

    def _known(self, r: Reader) -> dict[str, tuple[Any, ...]]:
        externals = {name for name in self._text["external_id"] if name}
        living = keys.ids_of(r, "task", externals, "deleted_at IS NULL")
        rows = {
            row[0]: row
            for row in r.rows_of(
                "SELECT id, title, deal_id, assignee_id, due_at, state FROM task "
                "WHERE id IN ({ids})",
                living.values(),
            )
        }
        known = {external: rows[task] for external, task in living.items()}
        # Closings that an earlier import told: a task reopened here since stays open.
        self._told = set(
            r.rows_of(
                "SELECT task_id, at, state FROM task_change WHERE undone = 0 "
                "AND state IS NOT NULL AND task_id IN ({ids})",
                [row[0] for row in known.values()],
            )
        )
        return known

    def _read(self, row: int, deals: dict[str, int]) -> dict[str, Any] | None:
        """What a row says; none when it is refused."""
        name = self._text["deal"][row]
        if name and name not in deals:
            self.rejects.append(self._columns.reject_of(row, "deal", NO_DEAL))
            return None
        created = self._moments.of(self._date["created_at"][row])
        closed = self._moments.after(self._date["closed_at"][row], created)
        if created is not None and closed is not None and closed < created:
            self.rejects.append(self._columns.reject_of(row, "closed_at", CLOSED_BEFORE_CREATED))
            return None
        state = self._text["state"][row]
        if closed is not None:
            state = "cancelled" if state == "cancelled" else "done"
        elif state in ("done", "cancelled"):
            closed = max(self._now, created or self._now)
        if created is None:
            created = self._now if closed is None else closed
        assignee = self._text["assignee"][row]
        return {
            "external_id": self._text["external_id"][row], "title": self._text["title"][row],
            "deal_id": deals.get(name) if name else None, "created": created, "closed": closed,
            "state": state or "open", "due": self._due(self._date["due"][row]),
            "assignee": self._people.need(assignee) if assignee else None,
        }  # fmt: skip

    def _due(self, when: When | None) -> int | None:
        """A due day without a time is the end of its working day."""
        if when is None or when.has_time:
            return self._moments.of(when)
        return self._calendar.end_of_working_day(when.at.toordinal())

    def _compare(self, new: dict[str, Any], before: tuple[Any, ...]) -> None:
        task, title, deal, assignee, due, state = before
        change: dict[str, Any] = {"id": task}
        if new["title"] != title:
            change["title"] = new["title"]
        if new["deal_id"] is not None and new["deal_id"] != deal:
            change["deal_id"] = new["deal_id"]
        if new["assignee"] is not None and new["assignee"] != assignee:
            change["assignee"] = new["assignee"]
        if new["due"] is not None and new["due"] != due:
            change["due"] = new["due"]
        told = (task, new["closed"], new["state"]) in self._told
        if self._maps_state() and new["state"] != state and not told:
            change["state"], change["closed"] = new["state"], new["closed"]
        if len(change) == 1:
            self.unchanged += 1
        else:
            self._changes.append(change)
            self.updated += 1

    def _maps_state(self) -> bool:
        feeds = self._columns.mapping.feeds
        return feeds("state") or feeds("closed_at")

    # -- the answer and the writing -------------------------------------------------------------

    def summary(self) -> dict[str, Any]:
        """Fields of ImportResult beside the counts of rows."""
        return {"created_people": tuple(self._people.created())}

    def size(self) -> int:
        """How many tasks there are to write."""
        return len(self._new) + len(self._changes)

    def prepare(self, tx: Transaction) -> None:
        """The people named."""
        self._people.write(tx)

    def write(self, tx: Transaction, start: int, stop: int) -> None:
        """Write tasks ``start..stop``: new ones first, then changes."""
        count = len(self._new)
        self._write_new(tx, self._new[start : min(stop, count)])
        for change in self._changes[max(0, start - count) : max(0, stop - count)]:
            self._write_change(tx, change)

    def _write_new(self, tx: Transaction, fresh: list[dict[str, Any]]) -> None:
        ids = tx.insert(
            "task",
            [
                {
                    "title": new["title"], "deal_id": new["deal_id"],
                    "external_id": new["external_id"], "created_at": new["created"],
                }
                for new in fresh
            ],
        )  # fmt: skip
        facts = []
        for task, new in zip(ids, fresh, strict=True):
            facts.append(
                _fact(tx, task, new["created"], ASSIGNEE | DUE | STATE,
                      self._people.real(new["assignee"]), new["due"], "open")
            )  # fmt: skip
            if new["closed"] is not None:
                facts.append(_fact(tx, task, new["closed"], STATE, None, None, new["state"]))
        tx.insert("task_change", facts)

    def _write_change(self, tx: Transaction, change: dict[str, Any]) -> None:
        row: dict[str, Any] = {}
        row.update((name, change[name]) for name in ("title", "deal_id") if name in change)
        if row:
            tx.update("task", [{"id": change["id"], **row}])
        fields = ASSIGNEE * ("assignee" in change) | DUE * ("due" in change)
        facts = []
        if fields:
            person = self._people.real(change.get("assignee"))
            facts.append(_fact(tx, change["id"], tx.now, fields, person, change.get("due"), None))
        if "state" in change:
            at = change["closed"] if change["closed"] is not None else tx.now
            facts.append(_fact(tx, change["id"], at, STATE, None, None, change["state"]))
        tx.insert("task_change", facts)

    def finish(self, tx: Transaction) -> None:
        """Nothing is left to do."""


def _fact(
    tx: Transaction,
    task: int,
    at: int,
    fields: int,
    assignee: int | None,
    due: int | None,
    state: str | None,
) -> dict[str, Any]:
    return {
        "task_id": task, "at": at, "fields": fields, "assignee_id": assignee, "due_at": due,
        "state": state, "person_id": tx.person,
    }  # fmt: skip
