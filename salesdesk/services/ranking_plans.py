"""Plans and norms as they are entered: listed for a month, and set.

Values are kept in ten-thousandths. ``ranking_targets`` makes of them what a period is compared
with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from salesdesk.errors import Invalid, Refused
from salesdesk.models.store import Store, Transaction
from salesdesk.moments import amount_of, money_of
from salesdesk.services import people as staff
from salesdesk.services import planning, rights
from salesdesk.services.action_plans import PLANNABLE, metric_of, parts_of
from salesdesk.services.levels import NORMED
from salesdesk.services.surroundings import calendar
from salesdesk.text import N_

_LIMIT = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class Entry:
    """A plan or a norm as it was entered; ``month`` None: a norm that holds in every month. The
    metric of a plan may be that of a kind of task (``action_plans``)."""

    metric: str
    person_id: int | None
    team_id: int | None
    month: int | None
    value: Decimal


def plans(r: Any, month: int) -> list[Entry]:
    """The plans entered for a month, of people and teams."""
    return _entries(r, "plan", month)


def norms(r: Any, month: int | None) -> list[Entry]:
    """The norms entered for a month, or (None) those that hold in every month."""
    return _entries(r, "norm", month)


def _entries(r: Any, table: str, month: int | None) -> list[Entry]:
    kind_column = "kind_id" if table == "plan" else "NULL"
    return [
        Entry(metric if kind is None else metric_of(kind), person, team, of_month, amount_of(value))
        for metric, kind, person, team, of_month, value in r.rows(
            f"SELECT metric, {kind_column}, person_id, team_id, month, value FROM {table} "
            "WHERE deleted_at IS NULL AND month IS ? ORDER BY metric, person_id, team_id, id",
            (month,),
        )
    ]


# --- setting -----------------------------------------------------------------------------------


def set_plan(
    store: Store,
    metric: str,
    month: int,
    value: Decimal | None,
    *,
    person_id: int | None = None,
    team_id: int | None = None,
    months: int = 1,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Set (or with None remove) the plan of a person or a team; returns the command id.

    ``months`` above 1: a plan for a quarter, half-year or year from ``month`` on, shared over its
    months by working days. Raises ``Invalid``, or ``Refused`` for whoever may not plan.
    """
    entry = (metric, person_id, team_id)
    with store.command("plan.set", now=now, person=person, origin=origin) as tx:
        require_planner(tx, person, person_id, team_id)
        check(metric, PLANNABLE, value)
        if (person_id is None) == (team_id is None):
            raise Invalid(N_("A plan belongs to one person or one team."))
        if value is None:
            shared: Mapping[int, Decimal | None] = dict.fromkeys(range(month, month + months))
        elif months == 1:
            shared = {month: value}
        else:
            shared = dict(planning.over_months(value, month, months, calendar(tx)))
        for of_month, part in shared.items():
            write(tx, "plan", entry, of_month, part)
    return tx.command_id


def set_norm(
    store: Store,
    metric: str,
    value: Decimal | None,
    *,
    month: int | None = None,
    person_id: int | None = None,
    team_id: int | None = None,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Set (or with None remove) a norm: of a person, a team or everybody, for one month or all.

    Returns the command id; raises ``Invalid``, or ``Refused`` for whoever may not plan.
    """
    with store.command("norm.set", now=now, person=person, origin=origin) as tx:
        require_planner(tx, person, person_id, team_id)
        check(metric, NORMED, value)
        write(tx, "norm", (metric, person_id, team_id), month, value)
    return tx.command_id


def require_planner(
    tx: Transaction, actor: int | None, person_id: int | None, team_id: int | None
) -> None:
    """Raise ``Refused`` for whoever may not plan for these: plans are set by whoever may configure,
    and by team leads for their teams and the people in them; what holds for everybody is the
    administrator's."""
    known = rights.ranks(tx)
    if actor is None or (known.may_configure(actor) and known.may_lead(actor)):
        return
    lead = staff.person_of(tx, actor)
    if lead.role == "team_lead":
        led = [t.id for t in staff.teams(tx) if t.lead_id == actor or t.id == lead.team_id]
        if team_id is None and person_id is not None:
            if person_id == actor or staff.may_lead(tx, actor, person_id):
                return
        elif team_id is not None and any(team_id in staff.teams_within(tx, own) for own in led):
            return
    raise Refused(N_("Plans and norms are set by the team lead or an administrator."))


def write(
    tx: Transaction,
    table: str,
    entry: tuple[str, int | None, int | None],
    month: int | None,
    value: Decimal | None,
) -> None:
    """Set one plan or norm inside a transaction; None removes it."""
    metric, kind = parts_of(entry[0])
    row = {"metric": metric, "person_id": entry[1], "team_id": entry[2], "month": month}
    if table == "plan":
        row["kind_id"] = kind
    where = " AND ".join(f"{name} IS ?" for name in row)
    found = tx.value(
        f"SELECT id FROM {table} WHERE {where} AND deleted_at IS NULL", tuple(row.values())
    )
    if value is None:
        if found is not None:
            tx.delete(table, [found])
    elif found is None:
        tx.insert(table, [{**row, "value": money_of(value)}])
    else:
        tx.update(table, [{"id": found, "value": money_of(value)}])


def check(metric: str, known: Sequence[str], value: Decimal | None) -> None:
    """Raise ``Invalid`` for a metric that is none of these and a number that is no plan."""
    if parts_of(metric)[0] not in known:
        raise Invalid(N_("There is no plan or norm for “{metric}”."), metric=metric)
    if value is not None and not (value.is_finite() and 0 <= value < _LIMIT):
        raise Invalid(N_("“{value}” is no number for a plan or a norm."), value=value)
