"""What is handed in together with a move: the fields, payments and results that a stage asked for.

One command writes all of it and moves the deal, so one undo takes all of it back.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from salesdesk.errors import NotFound, Refused
from salesdesk.models.store import Reader, Transaction
from salesdesk.services import own_fields, surroundings
from salesdesk.services.payments import NewPayment, receive
from salesdesk.services.requirements import COLUMNS, own_field_exists
from salesdesk.text import N_


@dataclass(frozen=True, slots=True)
class Given:
    """What is handed in for a deal together with its move.

    ``fields`` by the names of ``Missing.fields``: money as Decimal, days as ordinals, a person,
    source or industry by its id, a company or contact by its name, own fields as
    ``own_fields.own_text`` takes them. ``done`` are tasks to complete with their results; a
    ``payment`` pays what is planned first (``payments.receive``).
    """

    deal_id: int
    fields: Mapping[str, Any] = field(default_factory=dict)
    done: Mapping[int, str | None] = field(default_factory=dict)
    payment: NewPayment | None = None


@dataclass(frozen=True, slots=True)
class Fulfilled:
    """What was written and is not derived yet: tasks done (their ids and titles), and whom deals
    were given to."""

    done: frozenset[int]
    titles: tuple[str, ...]
    owners: Mapping[int, int]


def fulfil(tx: Transaction, given: Sequence[Given]) -> Fulfilled:
    """Write what was handed in, inside the command that moves. Raises Invalid, NotFound or Refused
    with one sentence."""
    titles: list[str] = []
    owners: dict[int, int] = {}
    for one in given:
        _fill_in(tx, one)
        if one.fields.get("owner") is not None:
            owners[one.deal_id] = int(one.fields["owner"])
        titles += [_complete(tx, one.deal_id, task, result) for task, result in one.done.items()]
        if one.payment is not None:
            receive(tx, one.deal_id, one.payment)
    done = frozenset(task for one in given for task in one.done)
    return Fulfilled(done, tuple(titles), owners)


def _fill_in(tx: Transaction, given: Given) -> None:
    from salesdesk.services import dealfields
    from salesdesk.services.deals import checked

    deal_id = given.deal_id
    row: dict[str, Any] = {}
    for name, value in given.fields.items():
        column = COLUMNS.get(name, name)
        if name == "owner":
            _give(tx, deal_id, int(value))
        elif name in ("company", "contact"):
            # The company first: a new contact belongs to it.
            company = row.get("client_id") or tx.value(
                "SELECT client_id FROM deal WHERE id = ?", (deal_id,)
            )
            row[column] = dealfields.client_named(tx, str(value), name, company)
        elif own_field_exists(tx, name):
            _own(tx, deal_id, name, value)
        else:
            row[column] = checked(column, value)
    if row:
        tx.update("deal", [{"id": deal_id, **row}])


def _give(tx: Transaction, deal_id: int, person: int) -> None:
    if surroundings.people(tx).get(person) is None:
        raise NotFound(N_("There is no such person; nothing was changed."))
    tx.insert("owner_change", [{"deal_id": deal_id, "person_id": person, "at": tx.now}])


def _own(tx: Transaction, deal_id: int, name: str, value: Any) -> None:
    field_id = tx.value(
        "SELECT id FROM custom_field WHERE subject = 'deal' AND name = ? AND deleted_at IS NULL",
        (name,),
    )
    own_fields.set_value(tx, "deal", deal_id, field_id or 0, value)


def _complete(tx: Transaction, deal_id: int, task: int, result: str | None) -> str:
    row = tx.row(
        "SELECT title, asks_result FROM task WHERE id = ? AND deal_id = ? AND state = 'open' "
        "AND deleted_at IS NULL",
        (task, deal_id),
    )
    if row is None:
        raise Refused(N_("These tasks are closed already; nothing was changed."))
    if row[1] and not (result or "").strip():
        raise Refused(N_("“{title}” asks for a result; it was not closed."), title=row[0])
    if result and result.strip():
        tx.update("task", [{"id": task, "result": result.strip()}])
    done = {"task_id": task, "at": tx.now, "fields": 4, "state": "done", "person_id": tx.person}
    tx.insert("task_change", [done])
    return str(row[0])


# -- asked before a move --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """A field that a form asks for: its name in the rules, its kind (``money``, ``day``,
    ``person``, ``company``, ``contact``, ``choice``, ``text``, ``number``, ``yes_no``) and, for a
    choice or a person, the options as (value, text)."""

    name: str
    kind: str
    options: tuple[tuple[Any, str], ...] = ()


_KINDS = {
    "amount": "money", "cost": "money", "start_day": "day", "expected_close": "day",
    "owner": "person", "company": "company", "contact": "contact", "source": "choice",
    "industry": "choice",
}  # fmt: skip
_OWN_KINDS = {"date": "day"}


def asked(r: Reader, names: Sequence[str], *, now: int) -> dict[str, Asked]:
    """How each field that a stage asks for is asked of a person."""
    from salesdesk.services import lists, people

    found: dict[str, Asked] = {}
    for name in names:
        kind = _KINDS.get(name)
        options: tuple[tuple[Any, str], ...] = ()
        if kind == "person":
            here = people.people(r, on_day=r.zone.day_of(now))
            options = tuple((one.id, one.name) for one in here)
        elif kind == "choice":
            which = {"source": "sources", "industry": "industries"}[name]
            options = tuple((item.id, item.name) for item in lists.items(r, which))
        elif kind is None:
            row = r.row(
                "SELECT kind, options FROM custom_field WHERE subject = 'deal' AND name = ? "
                "AND deleted_at IS NULL",
                (name,),
            )
            kind = _OWN_KINDS.get(row[0], row[0]) if row else "text"
            options = tuple((each, each) for each in json.loads(row[1])) if row else ()
        found[name] = Asked(name, kind or "text", options)
    return found
