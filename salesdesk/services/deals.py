"""Deals: create, move, change, assign, delete, notes. Each verb is one command."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Store, Transaction
from salesdesk.names import clean, folded
from salesdesk.services import amounts, rights, surroundings
from salesdesk.services.cards import MoveResult
from salesdesk.services.coming_back import refuse_taken
from salesdesk.services.fulfilling import Given, fulfil
from salesdesk.services.moving import (
    Effects,
    Order,
    apply_links,
    apply_tasks,
    deal_fields,
    insert_deal,
    move_one,
    place_before,
    top_of,
)
from salesdesk.services.requirements import Missing, MoveRefused, refuse
from salesdesk.services.stage_rows import ARCHIVED
from salesdesk.text import N_

__all__ = [
    "EDITABLE", "MoveRefused", "NewDeal", "add_note", "assign", "change", "create", "delete",
    "move", "restore",
]  # fmt: skip

#: Fields of a deal that people edit, with what they hold.
EDITABLE: dict[str, str] = {
    "title": "text", "amount": "money", "cost": "money", "currency": "currency",
    "client_id": "client", "contact_id": "contact", "source_id": "source",
    "industry_id": "industry", "start_day": "day", "expected_day": "day",
    "probability": "percent", "parent_id": "deal", "lost_reason_id": "lost_reason",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewDeal:
    """A deal to create; ``stage_id`` is where it begins, money as Decimal, days as ordinals."""

    title: str
    stage_id: int
    owner_id: int | None = None
    client_id: int | None = None
    contact_id: int | None = None
    amount: Decimal | None = None
    cost: Decimal | None = None
    currency: str | None = None
    source_id: int | None = None
    start_day: int | None = None
    expected_day: int | None = None
    probability: int | None = None
    parent_id: int | None = None
    external_id: str | None = None


def create(
    store: Store, new: NewDeal, *, person: int | None, now: int, origin: str = "window"
) -> MoveResult:
    """Create a deal in a stage: its first move, with the tasks and links of that stage.

    Raises Invalid for a field that cannot be taken, NotFound for a stage that is not there.
    """
    title = _title(new.title)
    effects = Effects()
    with store.command("deal.create", now=now, person=person, origin=origin) as tx:
        stage = _stage(tx, new.stage_id)
        row = {
            "title": title, "client_id": new.client_id, "contact_id": new.contact_id,
            "amount": _money("amount", new.amount), "cost": _money("cost", new.cost),
            "currency": new.currency or workspace_currency(tx), "source_id": new.source_id,
            "start_day": new.start_day, "expected_day": new.expected_day,
            "probability": new.probability, "parent_id": new.parent_id,
            "external_id": new.external_id,
        }  # fmt: skip
        deal = insert_deal(tx, row, stage, new.owner_id, _mover_as(origin))
        effects.enter(deal, stage.id, new.owner_id)
        apply_tasks(tx, deal, new.owner_id, None, stage, [], effects)
        apply_links(tx, {**row, "id": deal, "owner_id": new.owner_id}, stage, effects, 0)
        tx.set_detail(title=title, stage=stage.name)
    return _result(tx.command_id, (deal,), None, stage.name, effects)


def move(
    store: Store,
    ids: Sequence[int],
    stage_id: int,
    *,
    before: int | None = None,
    person: int | None,
    now: int,
    origin: str = "window",
    lost_reason_id: int | None = None,
    override: str | None = None,
    given: Sequence[Given] = (),
) -> MoveResult:
    """Move deals to a stage, all or none, as one command.

    ``before`` is the card they are put above, 0 the end of the column, None its top. A deal that
    stands in the stage already is only put in its new place. ``given`` is what the stage asked for,
    handed in with the move. Raises MoveRefused, which names all that is missing (nothing moved).
    """
    effects = Effects()
    refused: list[Missing] = []
    with store.command("deal.move", now=now, person=person, origin=origin) as tx:
        tx.claim("deal", ids)
        if override:
            _check_may_override(tx, person)
        stage = _stage(tx, stage_id, ids)
        fulfilled = fulfil(tx, given)
        effects.tasks_closed += fulfilled.titles
        places = _places(tx, stage.id, before, len(ids))
        from_stage, placed = None, 0
        for deal_id, pos in zip(ids, places, strict=True):
            deal = deal_fields(tx, deal_id)
            effects.bring_up_to_date(deal)
            if deal["stage_id"] == stage.id or (deal_id, stage.id) in effects.visited:
                if before is not None:
                    tx.update("deal", [{"id": deal_id, "pos": pos}])
                    title, placed = deal["title"], placed + 1
                continue
            deal["owner_id"] = fulfilled.owners.get(deal_id, deal["owner_id"])
            left = surroundings.stages(tx).get(deal["stage_id"])
            from_stage = left.name if left else None
            order = Order(stage, _mover_as(origin), lost_reason_id, override, pos, fulfilled.done)
            title = deal["title"]
            try:
                move_one(tx, deal, order, effects)
            except MoveRefused as error:
                refused += error.missing
        if refused:
            raise refuse(refused)
        if from_stage is not None:
            tx.set_detail(title=title, count=len(ids), stage=stage.name, **{"from": from_stage})
        elif placed:
            tx.set_kind("deal.place")
            tx.set_detail(title=title, count=placed, stage=stage.name)
    return _result(tx.command_id, tuple(ids), from_stage, stage.name, effects)


def change(
    store: Store,
    deal_id: int,
    values: dict[str, Any],
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Set fields of a deal (see EDITABLE; money as Decimal, days as ordinals, None empties).

    Raises Invalid with one sentence; nothing is changed then.
    """
    row = {name: checked(name, value) for name, value in values.items()}
    if "title" in row:
        row["title_key"] = folded(row["title"])
    with store.command("deal.change", now=now, person=person, origin=origin) as tx:
        title = deal_fields(tx, deal_id)["title"]
        tx.update("deal", [{"id": deal_id, **row}])
        tx.set_detail(title=title, fields=sorted(values))
    return tx.command_id


def assign(
    store: Store,
    ids: Sequence[int],
    person_id: int | None,
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> int:
    """Make someone (or nobody) responsible for deals from ``now`` on."""
    with store.command("deal.assign", now=now, person=person, origin=origin) as tx:
        if (
            person_id is not None
            and tx.row("SELECT 1 FROM person WHERE id = ?", (person_id,)) is None
        ):
            raise NotFound(N_("There is no such person; nothing was changed."))
        tx.claim("deal", ids)
        found = tx.rows_of("SELECT id, owner_id FROM deal WHERE id IN ({ids})", ids)
        tx.insert(
            "owner_change",
            [
                {"deal_id": deal, "person_id": person_id, "at": now}
                for deal, owner in found
                if owner != person_id
            ],
        )
        _describe(tx, ids)
    return tx.command_id


def delete(store: Store, ids: Sequence[int], *, person: int | None, now: int) -> int:
    """Mark deals deleted; undo brings them back."""
    with store.command("deal.delete", now=now, person=person) as tx:
        tx.delete("deal", ids)
        _describe(tx, ids)
    return tx.command_id


def restore(store: Store, ids: Sequence[int], *, person: int | None, now: int) -> int:
    """Take deals back that were deleted. Raises ``Refused`` where another one has the key of one
    of them meanwhile."""
    with store.command("deal.restore", now=now, person=person) as tx:
        refuse_taken(tx, "deal", ids)
        tx.update("deal", [{"id": deal, "deleted_at": None} for deal in ids])
        _describe(tx, ids)
    return tx.command_id


def add_note(store: Store, deal_id: int, text: str, *, person: int | None, now: int) -> int:
    """Add a note to a deal."""
    if not text.strip():
        raise Invalid(N_("A note needs some text; nothing was added."))
    with store.command("note.add", now=now, person=person) as tx:
        tx.insert(
            "note", [{"deal_id": deal_id, "text": text.strip(), "at": now, "person_id": person}]
        )
        tx.touch("deal", [deal_id])
        _describe(tx, [deal_id])
    return tx.command_id


def remove_note(store: Store, note_id: int, *, person: int | None, now: int) -> int:
    """Remove a note of a deal; the history goes on telling what it said."""
    with store.command("note.remove", now=now, person=person) as tx:
        deal = tx.value("SELECT deal_id FROM note WHERE id = ? AND deleted_at IS NULL", (note_id,))
        if deal is None:
            raise NotFound(N_("This note does not exist any more."))
        tx.delete("note", [note_id])
        tx.touch("deal", [deal])
        _describe(tx, [deal])
    return tx.command_id


# -- inside ---------------------------------------------------------------------------------------


def workspace_currency(tx: Any) -> str:
    """The workspace's currency (of a reader or a transaction)."""
    found = tx.value("SELECT value FROM setting WHERE name = 'currency'")
    return found.strip('"') if found else "RUB"


def _mover_as(origin: str) -> str:
    return origin if origin in ("cli", "import", "sync", "rule") else "person"


def _check_may_override(tx: Transaction, person: int | None) -> None:
    """A team lead (or an administrator) may; a script that acts as nobody is bound by no role."""
    if not rights.may(tx, person, "override"):
        raise Refused(
            N_("Only a team lead may move a deal that its stage does not allow; nothing was moved.")
        )


def _describe(tx: Transaction, ids: Sequence[int]) -> None:
    """What the command was about, for the history."""
    title = tx.value("SELECT title FROM deal WHERE id = ?", (ids[0],)) if ids else None
    tx.set_detail(title=title, count=len(ids))


def _stage(tx: Transaction, stage_id: int, ids: Sequence[int] = ()) -> surroundings.Stage:
    """A stage that these deals may enter; those that an undo brought back into an archived one may
    be put in order there."""
    stage = surroundings.stages(tx).get(stage_id)
    if stage is None:
        raise NotFound(N_("This stage does not exist any more; nothing was changed."))
    if stage.archived:
        here = tx.rows_of("SELECT stage_id FROM deal WHERE id IN ({ids})", ids)
        if not here or any(row[0] != stage_id for row in here):
            raise Refused(ARCHIVED, name=stage.name)
    return stage


def _places(tx: Transaction, stage: int, before: int | None, count: int) -> list[float]:
    """Positions for so many cards, in order."""
    if before is None:
        first = top_of(tx, stage)
        return [first - (count - 1 - step) for step in range(count)]
    low = place_before(tx, stage, before)
    if not before:
        return [low + step for step in range(count)]
    found = tx.value("SELECT pos FROM deal WHERE id = ?", (before,))
    high = low + 1 if found is None else float(found)
    gap = (high - low) / count
    return [low + gap * step for step in range(count)]


def _result(
    command: int, ids: tuple[int, ...], left: str | None, stage: str, effects: Effects
) -> MoveResult:
    return MoveResult(
        command, ids, left, stage,
        tuple(effects.tasks_created), tuple(effects.tasks_closed),
        tuple(effects.deals_created), tuple(effects.deals_moved),
    )  # fmt: skip


def _title(text: str) -> str:
    title = clean(text)
    if not title:
        raise Invalid(N_("A deal needs a title; nothing was changed."))
    return title


def _money(field: str, amount: Decimal | None) -> int | None:
    if amount is None:
        return None
    if amount.is_nan():
        raise Invalid(N_("“{value}” is not an amount that can be kept in {field}."),
                      value=amount, field=field)  # fmt: skip
    return amounts.kept(amount)


def checked(name: str, value: Any) -> Any:
    """A value for a field as the database keeps it; raises Invalid with one sentence."""
    kind = EDITABLE.get(name)
    if kind is None:
        raise Invalid(N_("A deal has no field “{name}” that can be changed."), name=name)
    if kind == "text":
        return _title(str(value or ""))
    if value is None and kind != "currency":
        return None
    if kind == "money":
        return _money(name, value)
    if kind == "percent" and not 0 <= int(value) <= 100:
        raise Invalid(N_("A probability lies between 0 and 100; nothing was changed."))
    if kind == "currency":
        code = str(value or "").strip().upper()
        if len(code) != 3 or not code.isalpha():
            raise Invalid(N_("“{value}” is not a currency code such as RUB."), value=value)
        return code
    return int(value)
