"""Fields that stay in step along links: what a parent's change does to its open children, and a
child's to its parent.

Called before a transaction commits, as ``waking`` is, and before it: a date that goes along moves
the tasks that hang on it. A field follows as long as it holds what the other deal held before the
change; one that was changed by hand holds something else, and stays.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from salesdesk.models.store import Transaction
from salesdesk.services import carrying, surroundings
from salesdesk.services.carrying import ALWAYS, COPIED, FILLED, MONEY, Goods
from salesdesk.services.rulebook import LinkRule

#: How many times a change may be handed on from deal to deal.
DEPTH = 8
#: A field of a deal: a column by its name, an own field by its key.
Name = str | int
#: Fields of deals that changed, with the old and the new value.
Changed = dict[int, dict[Name, tuple[Any, Any]]]
_COLUMNS = tuple(dict.fromkeys((*ALWAYS, *COPIED, *FILLED)))


def keep(tx: Transaction) -> None:
    """Hand on what the transaction changed along the links that keep in step."""
    links: list[LinkRule] = tx.store.cached("links_in_step", _links_in_step, tx)
    if not links:
        return
    seen: set[tuple[int, Name]] = set()
    read = (0, 0)
    for _ in range(DEPTH):
        changed, read = _changed(tx, read)
        fresh: Changed = {
            deal: {name: pair for name, pair in fields.items() if (deal, name) not in seen}
            for deal, fields in changed.items()
        }
        fresh = {deal: fields for deal, fields in fresh.items() if fields}
        if not fresh:
            return
        seen |= {(deal, name) for deal, fields in fresh.items() for name in fields}
        baskets = _Baskets(tx, seen)
        _down(tx, links, fresh, baskets)
        _up(tx, links, fresh, baskets)
        with tx.unwatched():
            for deal, goods in baskets.by_deal.items():
                carrying.give(tx, deal, goods)


def _links_in_step(tx: Any) -> list[LinkRule]:
    return [
        link for links in surroundings.links(tx).values() for link in links if link.keeps_in_step
    ]


def _changed(tx: Transaction, read: tuple[int, int]) -> tuple[Changed, tuple[int, int]]:
    """Fields of deals that changed since the log was read so far, and how far it is read now.

    Deals that were made since are left out: they have what they were made with.
    """
    lines, own = tx.changed_fields("deal"), tx.changed_fields("field_value")
    made = {row[0] for row in lines if row[1] is None}
    found: Changed = defaultdict(dict)
    for deal, name, old, new in lines[read[0] :]:
        if name in _COLUMNS and deal not in made:
            first = found[deal].get(name, (old, new))[0]
            found[deal][name] = (first, new)
    for deal, key, old, new in _own_changes(tx, own[read[1] :]):
        if deal not in made and old != new:
            found[deal][key] = (old, new)
    return found, (len(lines), len(own))


def _own_changes(
    tx: Transaction, lines: list[tuple[int, str | None, Any, Any]]
) -> list[tuple[int, int, Any, Any]]:
    """Own fields of deals that changed: deal, key of the field, old and new text."""
    old_of: dict[int, Any] = {}
    for key, name, old, _new in lines:
        if name in (None, "value"):
            old_of.setdefault(key, old if name else None)
    return [
        (deal, field, old_of[key], value)
        for key, deal, field, value in tx.rows_of(
            "SELECT v.id, v.subject_id, v.field_id, CASE WHEN v.deleted_at IS NULL THEN v.value "
            "END FROM field_value v JOIN custom_field f ON f.id = v.field_id "
            "WHERE f.subject = 'deal' AND v.id IN ({ids})",
            old_of,
        )
    ]


class _Baskets:
    """What is to be written to which deal; never a field that had its turn in this command."""

    def __init__(self, tx: Transaction, seen: set[tuple[int, Name]]) -> None:
        self.by_deal: dict[int, Goods] = defaultdict(Goods)
        self._seen = seen
        self._own: dict[str, tuple[int, str]] = surroundings.own_fields_of_deals(tx)

    def names(self, wanted: Iterable[str], columns: Iterable[str]) -> set[Name]:
        """Fields of a link: columns by name, own fields that are there by key."""
        known = set(columns)
        return {
            name if name in known else self._own[name][0]
            for name in wanted
            if name in known or name in self._own
        }

    def places(self, filled: Iterable[str]) -> list[tuple[Name, Name]]:
        """What a link fills in: fields of the child, and those of the parent that take them."""
        found: list[tuple[Name, Name]] = []
        for given in filled:
            name, place = carrying.split(given, self._own)
            if place is None:
                found += [(one, one) for one in self.names((name,), FILLED)]
            elif carrying.takes(self._own, name, place):
                found.append((name, self._own[place][0]))
        return found

    def take(self, deal: int, name: Name, value: Any) -> None:
        """Write a field, unless it had its turn."""
        if (deal, name) in self._seen:
            return
        goods = self.by_deal[deal]
        if isinstance(name, int):
            goods.own[name] = value
        else:
            goods.row[name] = value


def _values(tx: Transaction, deals: Iterable[int]) -> dict[int, dict[Name, Any]]:
    """All fields of deals that may go along, as they stand."""
    ids = list(deals)
    found: dict[int, dict[Name, Any]] = {
        row[0]: dict(zip(_COLUMNS, row[1:], strict=True))
        for row in tx.rows_of(f"SELECT id, {', '.join(_COLUMNS)} FROM deal WHERE id IN ({{ids}})",
                              ids)
    }  # fmt: skip
    for deal, field, value in tx.rows_of(
        "SELECT subject_id, field_id, value FROM field_value v WHERE deleted_at IS NULL "
        "AND EXISTS (SELECT 1 FROM custom_field f WHERE f.id = v.field_id "
        "AND f.subject = 'deal') AND subject_id IN ({ids})",
        ids,
    ):
        if deal in found:
            found[deal][field] = value
    return found


# -- from a parent to its open children -----------------------------------------------------------

_CHILDREN = (
    "SELECT d.id, d.parent_id, (SELECT CASE WHEN m.mover_as = 'rule' THEN m.to_stage_id END "
    "FROM stage_move m WHERE m.deal_id = d.id AND m.undone = 0 ORDER BY m.at, m.seq LIMIT 1) "
    "FROM deal d JOIN stage s ON s.id = d.stage_id WHERE d.deleted_at IS NULL "
    "AND s.kind = 'open' AND d.parent_id IN ({ids})"
)


def _down(tx: Transaction, links: list[LinkRule], changed: Changed, baskets: _Baskets) -> None:
    fields: dict[int, set[Name]] = defaultdict(set)
    for link in links:
        if link.kind == "open_child":
            fields[link.target_stage_id] |= {*ALWAYS, *baskets.names(link.copied, COPIED)}
    if not fields:
        return
    children = [row for row in tx.rows_of(_CHILDREN, changed) if row[2] in fields]
    values = _values(tx, (row[0] for row in children))
    for child, parent, began in children:
        own = values[child]
        was = changed[parent].get("currency", (own["currency"],))[0]
        for name, (old, new) in changed[parent].items():
            foreign = name in MONEY and own["currency"] != was
            if name in fields[began] and own.get(name) == old and not foreign:
                baskets.take(child, name, new)


# -- from a child to its parent -------------------------------------------------------------------

_PARENTS = (
    "SELECT d.id, d.parent_id, s.pipeline_id, s.position, d.currency, p.currency FROM deal d "
    "JOIN stage s ON s.id = d.stage_id JOIN deal p ON p.id = d.parent_id "
    "JOIN stage t ON t.id = p.stage_id WHERE d.deleted_at IS NULL AND p.deleted_at IS NULL "
    "AND s.kind <> 'lost' AND t.kind <> 'lost' AND d.id IN ({ids})"
)


def _up(tx: Transaction, links: list[LinkRule], changed: Changed, baskets: _Baskets) -> None:
    upward = [link for link in links if link.kind == "move_parent" and link.filled]
    stages = surroundings.stages(tx)
    if not upward:
        return
    rows = tx.rows_of(_PARENTS, changed)
    values = _values(tx, (row[1] for row in rows))
    for child, parent, pipeline, position, currency, wanted in rows:
        for link in upward:
            at = stages.get(link.stage_id)
            if at is None or at.pipeline_id != pipeline or position < at.position:
                continue
            for name, place in baskets.places(link.filled):
                if name not in changed[child]:
                    continue
                old, new = changed[child][name]
                if name in MONEY and currency != wanted:
                    old, new = (_in(tx, money, currency, wanted) for money in (old, new))
                if isinstance(name, str) and place != name:
                    old, new = (carrying.as_text(name, value) for value in (old, new))
                if new is not None and values[parent].get(place) == old:
                    baskets.take(parent, place, new)


def _in(tx: Transaction, money: int | None, currency: str, wanted: str) -> int | None:
    return None if money is None else carrying.money_in(tx, money, currency, wanted)
