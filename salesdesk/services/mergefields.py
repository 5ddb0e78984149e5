"""What can be chosen in a merge: fields, each record's value, and the preview that shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from salesdesk.errors import NotFound
from salesdesk.models.store import Reader
from salesdesk.moments import amount_of
from salesdesk.services.records import Asks
from salesdesk.text import N_

Table = Literal["client", "deal"]
#: Before the id of an own field, as the name of a choice.
OWN = "own:"

#: Choices with the columns that go together.
CLIENT_FIELDS: dict[str, tuple[str, ...]] = {
    "name": ("name",), "company_id": ("company_id",), "tax_number": ("tax_number",),
    "source_id": ("source_id",), "industry_id": ("industry_id",), "notes": ("notes",),
}  # fmt: skip
#: An amount without its currency would be another amount.
DEAL_FIELDS: dict[str, tuple[str, ...]] = {
    "title": ("title",), "owner_id": ("owner_id",), "client_id": ("client_id",),
    "contact_id": ("contact_id",), "amount": ("amount", "currency", "cost"),
    "source_id": ("source_id",), "industry_id": ("industry_id",), "start_day": ("start_day",),
    "expected_day": ("expected_day",), "probability": ("probability",), "parent_id": ("parent_id",),
}  # fmt: skip
_NAMED = {
    "company_id": "SELECT id, name FROM client WHERE id IN ({ids})",
    "client_id": "SELECT id, name FROM client WHERE id IN ({ids})",
    "contact_id": "SELECT id, name FROM client WHERE id IN ({ids})",
    "source_id": "SELECT id, name FROM source WHERE id IN ({ids})",
    "industry_id": "SELECT id, name FROM industry WHERE id IN ({ids})",
    "owner_id": "SELECT id, name FROM person WHERE id IN ({ids})",
    "parent_id": "SELECT id, title FROM deal WHERE id IN ({ids})",
}
_DAYS = ("start_day", "expected_day")


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A field of which one value stays. ``values`` are by member: a text, a Decimal (in
    ``currencies``), a day (``holds`` says which) or None. ``chosen`` is the member whose value
    stays unless another is chosen. ``own`` is the name of an own field."""

    name: str
    holds: Literal["text", "money", "day", "percent"]
    values: tuple[Any, ...]
    currencies: tuple[str, ...]
    chosen: int
    own: str = ""

    @property
    def differs(self) -> bool:
        """Whether there is something to choose."""
        pairs = zip(self.values, self.currencies, strict=True)
        there = {pair for pair in pairs if pair[0] is not None}
        return len(there) > 1


@dataclass(frozen=True, slots=True)
class MergeMember:
    """A record to be merged; ``more`` helps to tell it apart (a company, number and stage)."""

    id: int
    name: str
    more: str
    deals: int
    tasks: int
    notes: int
    payments: int


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would do; ``stays`` is proposed: the one with most behind it."""

    table: Table
    members: tuple[MergeMember, ...]
    fields: tuple[FieldChoice, ...]
    stays: int


def values_of(a: Asks, table: Table | str, ids: Sequence[int]) -> dict[str, dict[int, Any]]:
    """Each field's value by record, own fields too (as ``own:12``); empty texts are None."""
    fields = CLIENT_FIELDS if table == "client" else DEAL_FIELDS
    columns = [group[0] for group in fields.values()]
    found: dict[str, dict[int, Any]] = {name: {} for name in fields}
    for row in a.rows_of(
        f"SELECT id, {', '.join(columns)} FROM {table} WHERE id IN ({{ids}})", ids
    ):
        for name, value in zip(fields, row[1:], strict=True):
            found[name][row[0]] = None if value == "" else value
    if table == "deal":
        _tell_money_apart(a, ids, found["amount"])
    for field, subject, value in a.rows_of(
        "SELECT v.field_id, v.subject_id, v.value FROM field_value v "
        f"JOIN custom_field f ON f.id = v.field_id AND f.subject = '{table}' "
        "AND f.deleted_at IS NULL WHERE v.deleted_at IS NULL AND v.subject_id IN ({ids}) "
        "ORDER BY f.position, f.id",
        ids,
    ):
        found.setdefault(f"{OWN}{field}", {})[subject] = value
    return found


def _tell_money_apart(a: Asks, ids: Sequence[int], amounts: dict[int, Any]) -> None:
    """Amount, currency and cost are one value."""
    for deal, amount, currency, cost in a.rows_of(
        "SELECT id, amount, currency, cost FROM deal WHERE id IN ({ids})", ids
    ):
        amounts[deal] = None if amount is None and cost is None else (amount, currency, cost)


def default_source(name: str, by_id: Mapping[int, Any], ids: Sequence[int]) -> int:
    """Whose value stays when nobody chooses: the survivor's (the first), else one that has any."""
    if name == "parent_id":
        return ids[0]
    return next((each for each in ids if by_id.get(each) is not None), ids[0])


def preview(r: Reader, table: Table, ids: Sequence[int], stays: int | None = None) -> MergePreview:
    """What can be chosen when these clients or deals are merged. Raises NotFound when one of them
    is gone."""
    members = _clients(r, ids) if table == "client" else _deals(r, ids)
    if len(members) < len(ids):
        raise NotFound(N_("One of them does not exist any more; nothing was merged."))
    kept = stays if stays is not None else max(members, key=_weight).id
    members.sort(key=lambda each: (each.id != kept, list(ids).index(each.id)))
    order = [each.id for each in members]
    known = values_of(r, table, order)
    own: dict[int, str] = dict(r.rows("SELECT id, name FROM custom_field WHERE deleted_at IS NULL"))
    fields = [_choice(r, name, by_id, order, own) for name, by_id in known.items()]
    there = [each for each in fields if any(value is not None for value in each.values)]
    return MergePreview(table, tuple(members), tuple(there), kept)


def _weight(member: MergeMember) -> tuple[int, int, int]:
    return member.deals, member.tasks + member.notes + member.payments, -member.id


def _choice(
    r: Reader, name: str, by_id: Mapping[int, Any], order: list[int], own: Mapping[int, str]
) -> FieldChoice:
    values = [by_id.get(each) for each in order]
    chosen = default_source(name, by_id, order)
    currencies = [""] * len(order)
    if name in _NAMED:
        wanted = {each for each in values if each is not None}
        names: dict[int, str] = dict(r.rows_of(_NAMED[name], wanted))
        values = [None if each is None else names.get(each, "?") for each in values]
    elif name == "amount":
        currencies = [each[1] if each else "" for each in values]
        values = [_amount(each) for each in values]
        return FieldChoice(name, "money", tuple(values), tuple(currencies), chosen)
    holds: Any = "day" if name in _DAYS else "percent" if name == "probability" else "text"
    title = own.get(int(name.removeprefix(OWN)), "") if name.startswith(OWN) else ""
    return FieldChoice(name, holds, tuple(values), tuple(currencies), chosen, title)


def _amount(value: tuple[int | None, str, int | None] | None) -> Decimal | None:
    return None if value is None or value[0] is None else amount_of(value[0])


def _clients(r: Reader, ids: Sequence[int]) -> list[MergeMember]:
    return [
        MergeMember(*row)
        for row in r.rows_of(
            "SELECT c.id, c.name, coalesce(f.name, ''), "
            "(SELECT count(*) FROM deal d WHERE d.deleted_at IS NULL AND d.client_id = c.id) + "
            "(SELECT count(*) FROM deal d WHERE d.deleted_at IS NULL AND d.contact_id = c.id), "
            "(SELECT count(*) FROM task t WHERE t.client_id = c.id AND t.deleted_at IS NULL), "
            "(SELECT count(*) FROM note n WHERE n.client_id = c.id AND n.deleted_at IS NULL), 0 "
            "FROM client c LEFT JOIN client f ON f.id = c.company_id "
            "WHERE c.deleted_at IS NULL AND c.id IN ({ids})",
            ids,
        )
    ]


def _deals(r: Reader, ids: Sequence[int]) -> list[MergeMember]:
    """``deals`` is how far the deal has come: a won one stays before an open one further on."""
    return [
        MergeMember(*row)
        for row in r.rows_of(
            "SELECT d.id, d.title, '#' || d.number || ' · ' || s.name, "
            "CASE s.kind WHEN 'won' THEN 100000 WHEN 'open' THEN 1000 + s.position ELSE 0 END, "
            "(SELECT count(*) FROM task t WHERE t.deal_id = d.id AND t.deleted_at IS NULL), "
            "(SELECT count(*) FROM note n WHERE n.deal_id = d.id AND n.deleted_at IS NULL), "
            "(SELECT count(*) FROM payment y WHERE y.deal_id = d.id AND y.deleted_at IS NULL) "
            "FROM deal d JOIN stage s ON s.id = d.stage_id "
            "WHERE d.deleted_at IS NULL AND d.id IN ({ids})",
            ids,
        )
    ]
