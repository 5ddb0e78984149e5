"""The report on clients without activity: no open task, and none done in N days, as of now.

Tasks are the client's own and those of its deals; a deal is a client's when it names the client as
company or as contact person.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from salesdesk.models.store import Reader
from salesdesk.moments import DAY_SECONDS, SECOND, amount_of
from salesdesk.services import report_parts as parts
from salesdesk.services.report_parts import WHOLE, Fact, Money
from salesdesk.services.report_table import Behind, Chart, Choice, Column, Query, Report, Row, Table
from salesdesk.text import N_, ntr

DAYS = Choice("days", N_("Days without a task done"), "30", least=1, most=3650)
HAVING = Choice(
    "having", N_("Clients"), "any",
    {"any": N_("With or without an open deal"), "open": N_("With an open deal"),
     "none": N_("Without an open deal")},
)  # fmt: skip
KIND = Choice(
    "kind", N_("Kind"), "all",
    {"all": N_("Companies and people"), "company": N_("Companies"), "contact": N_("People")},
)  # fmt: skip
_DAY = DAY_SECONDS * SECOND
_SIDES = ("client_id", "contact_id")
_COLUMNS = (
    Column("client", N_("Client"), "text"),
    Column("person", N_("Person"), "text", N_("Who has its newest open deal, else its newest")),
    Column("open_deals", N_("Open deals"), about=N_("Open deals with the client"), opens=True),
    Column("amount", N_("Amount"), "money", N_("What the open deals amount to"), opens=True),
    Column("last_done", N_("Last task done"), "day"),
    Column("idle_days", N_("Days without"), about=N_("Since the last task that was done")),
)
#: Clients with an open task: of their own; of their deals.
_BUSY_ALONE = (
    "SELECT DISTINCT client_id FROM task WHERE client_id IS NOT NULL AND deleted_at IS NULL "
    "AND state = 'open'"
)
_BUSY_DEALS = "SELECT client_id, contact_id FROM deal WHERE deleted_at IS NULL AND open_tasks > 0"
#: The deals that a task was done of lately: an index answers that.
_DONE_LATELY = (
    "SELECT deal_id FROM task INDEXED BY ix_task_ended WHERE state = 'done' "
    "AND deleted_at IS NULL AND closed_at >= ?"
)
#: When the last task was done, by client; by deal.
_DONE_ALONE = (
    "SELECT client_id, max(closed_at) FROM task WHERE state = 'done' "
    "AND deleted_at IS NULL AND client_id IN ({ids}) GROUP BY 1"
)
_DONE = (
    "SELECT deal_id, max(closed_at) FROM task WHERE state = 'done' "
    "AND deleted_at IS NULL AND deal_id IN ({ids}) GROUP BY 1"
)


class _Deal(NamedTuple):
    id: int
    owner: int | None
    created: int
    amount: int | None
    currency: str
    is_open: bool


class _Quiet(NamedTuple):
    """A client without activity, with its deals (those asked for)."""

    id: int
    name: str
    last_done: int | None
    deals: tuple[_Deal, ...]

    @property
    def open_deals(self) -> list[_Deal]:
        return [deal for deal in self.deals if deal.is_open]

    @property
    def owner(self) -> int | None:
        """Who has the newest open deal, else the newest."""
        owned = [deal for deal in self.deals if deal.owner is not None]
        best = max(owned, key=lambda deal: (deal.is_open, deal.created, deal.id), default=None)
        return None if best is None else best.owner


def _read(r: Reader, query: Query, *, now: int) -> Table:
    money = Money(r)
    quiet, people = _quiet(r, query, now), parts.names_of(r, "person")
    facts = _facts(r, quiet, money, now)
    sums = parts.summed(facts, 2)
    rows = [_row(r, one, people.get(one.owner or 0), sums.get((one.id,), [0, 0]), now)
            for one in quiet]  # fmt: skip
    rows.sort(key=_order)
    whole = parts.summed(_distinct(facts), 2)[WHOLE]
    notes = [ntr("{n} client without activity", "{n} clients without activity", len(rows))]
    return Table(
        _COLUMNS, tuple(rows), money.currency,
        Row((None, None, whole[0], amount_of(whole[1]), None, None), WHOLE),
        Chart("bars", "client", ("amount" if whole[1] else "idle_days",)), (*notes, *money.notes()),
    )  # fmt: skip


def _row(r: Reader, one: _Quiet, person: str | None, numbers: list[int], now: int) -> Row:
    day = idle = None
    if one.last_done is not None:
        day, idle = r.zone.day_of(one.last_done), (now - one.last_done) // _DAY
    cells = (one.name, parts.label("person", person), numbers[0], amount_of(numbers[1]), day, idle)
    return Row(cells, (one.id,), client_id=one.id, nameless=() if person else ("person",))


def _order(row: Row) -> tuple[Any, ...]:
    """The longest silence first: those for whom nothing was ever done."""
    idle = row.cells[5]
    return (idle is not None, -idle if isinstance(idle, int) else 0, str(row.cells[0]).casefold(),
            row.key)  # fmt: skip


def _facts(r: Reader, quiet: Iterable[_Quiet], money: Money, now: int) -> list[Fact]:
    """A fact an open deal of a client; a deal may be two clients' (a company's and a person's)."""
    today = r.zone.day_of(now)
    return [
        Fact(
            (one.id,), (1, money.at(deal.amount, deal.currency, today) or 0), deal.id, deal.created
        )
        for one in quiet
        for deal in one.open_deals
    ]


def _distinct(facts: Iterable[Fact]) -> list[Fact]:
    """Each deal once, for the last line."""
    return list({fact.deal_id: fact for fact in facts}.values())


def _quiet(r: Reader, query: Query, now: int) -> list[_Quiet]:
    """The clients asked for that have no open task, and none done lately."""
    kind = REPORT.chosen(query, "kind")
    busy = {row[0] for row in r.rows(_BUSY_ALONE)}
    for sides in r.rows(_BUSY_DEALS):
        busy.update(sides)
    names: dict[int, str] = {
        key: name
        for key, name in r.rows(
            "SELECT id, name FROM client WHERE deleted_at IS NULL AND (? = 'all' OR kind = ?)",
            (kind, kind),
        )
        if key not in busy
    }
    cut = now - int(REPORT.chosen(query, "days")) * _DAY
    done = _last_done(r, list(names), cut)
    silent = [key for key in names if done.get(key, cut - 1) < cut]
    deals = _deals(r, query, silent, now)
    wanted = REPORT.chosen(query, "having")
    narrowed = bool(parts.of_deals(r, query, now)[0])
    found = []
    for key in silent:
        one = _Quiet(key, names[key], done.get(key), tuple(deals.get(key, {}).values()))
        if (one.deals or not narrowed) and wanted in ("any", "open" if one.open_deals else "none"):
            found.append(one)
    return found


def _last_done(r: Reader, clients: list[int], cut: int) -> Mapping[int, int]:
    """When the last task was done for these clients; some moment since ``cut`` for those that had
    one done since then."""
    found: dict[int, int] = dict(r.rows_of(_DONE_ALONE, clients))
    pairs = [
        pair
        for side in _SIDES
        for pair in r.rows_of(
            f"SELECT id, {side} FROM deal INDEXED BY ix_deal_{side} "
            f"WHERE deleted_at IS NULL AND {side} IN ({{ids}})",
            clients,
        )
    ]
    lately = {deal for (deal,) in r.rows(_DONE_LATELY, (cut,))}
    found.update((client, cut) for deal, client in pairs if deal in lately)
    silent = {deal for deal, client in pairs if found.get(client, cut - 1) < cut}
    # By deal, in their order: so the tasks are read as they lie.
    done: dict[int, int] = dict(r.rows_of(_DONE, sorted(silent)))
    for deal, client in pairs:
        if deal in done:
            found[client] = max(found.get(client, done[deal]), done[deal])
    return found


def _deals(r: Reader, query: Query, clients: list[int], now: int) -> dict[int, dict[int, _Deal]]:
    """The deals asked for by client (as company or contact person) and key."""
    sql, params = parts.of_deals(r, query, now)
    found: dict[int, dict[int, _Deal]] = {}
    for side in _SIDES:
        for client, *row, kind in r.rows_of(
            f"SELECT d.{side}, d.id, d.owner_id, d.created_at, d.amount, d.currency, s.kind "
            f"FROM deal d INDEXED BY ix_deal_{side} CROSS JOIN stage s ON s.id = d.stage_id "
            "WHERE d.deleted_at IS NULL "
            f"{sql} AND d.{side} IN ({{ids}})",
            clients,
            tuple(params),
        ):
            found.setdefault(client, {})[row[0]] = _Deal(
                row[0], row[1], row[2], row[3], row[4], kind == "open"
            )
    return found


def _behind(r: Reader, query: Query, key: tuple[Any, ...], column: str, *, now: int) -> Behind:
    facts = _facts(r, _quiet(r, query, now), Money(r), now)
    wanted = _distinct(facts) if key == WHOLE else facts
    money = column == "amount"
    return parts.behind(r, wanted, key, int(money), money=money)


REPORT = Report(
    "inactive",
    N_("Clients without activity"),
    N_("Clients with no open task and none done for so many days, as of now"),
    frozenset({"pipeline", "person", "team", "deals"}),
    _read,
    _behind,
    (DAYS, HAVING, KIND),
    timeless=True,
)
