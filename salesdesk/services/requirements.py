"""What a stage asks for before a deal may enter it: fields, tasks done, a share paid.

``missing`` finds what a deal lacks, ``refuse`` says it; ``fulfilling`` hands it in with the move.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import Any

from salesdesk.errors import Refused
from salesdesk.moments import amount_of
from salesdesk.services.automation import OpenTask, blocking
from salesdesk.services.payments import PaymentSums, sums_of
from salesdesk.services.records import Asks
from salesdesk.services.surroundings import Stage
from salesdesk.text import N_, ntr, tr

_CENT = Decimal("0.01")
_NAMED = 5
#: What the rules of a stage call a column of the deal, where the names differ.
COLUMNS = {
    "expected_close": "expected_day", "company": "client_id", "contact": "contact_id",
    "owner": "owner_id", "source": "source_id", "industry": "industry_id",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class MustDo:
    """A task that must be done before its stage may be left."""

    id: int
    title: str
    asks_result: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """What one deal lacks for a stage.

    ``fields`` are names as the stage's rules have them (own fields by their name). ``percent`` is
    the share to be paid (None when nothing is lacking), ``paid`` what was, ``short`` what still has
    to be, both in ``currency`` as is the ``amount`` of the deal; ``unrated`` are currencies of
    payments that could not be counted.
    """

    deal_id: int
    title: str
    stage: str
    fields: tuple[str, ...] = ()
    tasks: tuple[MustDo, ...] = ()
    percent: int | None = None
    paid: Decimal = Decimal(0)
    short: Decimal = Decimal(0)
    currency: str = ""
    unrated: tuple[str, ...] = ()
    amount: Decimal = Decimal(0)

    @property
    def paid_percent(self) -> int:
        """The share that is paid, rounded down."""
        return int(self.paid * 100 / self.amount) if self.amount else 0

    def __bool__(self) -> bool:
        return bool(self.fields or self.tasks or self.percent is not None)


class MoveRefused(Refused):
    """The stage does not allow it: ``fields`` are empty, ``tasks`` must be done first; ``missing``
    says it deal by deal."""

    def __init__(self, message: str, missing: tuple[Missing, ...], /, **values: object) -> None:
        self.missing = missing
        self.fields = tuple(dict.fromkeys(name for one in missing for name in one.fields))
        self.tasks = tuple(task.title for one in missing for task in one.tasks)
        super().__init__(message, **values)


# -- what is missing ------------------------------------------------------------------------------


def missing(
    a: Any, deal: Mapping[str, Any], stage: Stage, open_tasks: Sequence[OpenTask]
) -> Missing:
    """What a deal (its columns by name) lacks for a stage; false when it may enter."""
    fields = tuple(name for name in stage.required if _is_empty(a, deal, name))
    tasks = blocking(open_tasks, deal["stage_id"])
    asking: dict[int, Any] = {}
    if tasks:
        asking = dict(
            a.rows_of(
                "SELECT id, asks_result FROM task WHERE id IN ({ids})", [one.id for one in tasks]
            )
        )
    must = tuple(MustDo(one.id, one.title, bool(asking.get(one.id))) for one in tasks)
    currency = deal["currency"]
    found = Missing(deal["id"], deal["title"], stage.name, fields, must, currency=currency)
    if not stage.paid_percent or not deal["amount"]:
        return found
    amount = amount_of(deal["amount"])
    paid = sums_of(a, deal["id"], amount, currency)
    wanted = amount * stage.paid_percent / 100
    if paid.paid >= wanted:
        return found
    return _with_share(found, stage.paid_percent, paid, wanted, amount)


def _with_share(
    found: Missing, percent: int, paid: PaymentSums, wanted: Decimal, amount: Decimal
) -> Missing:
    short = (wanted - paid.paid).quantize(_CENT, ROUND_UP)
    return Missing(
        found.deal_id, found.title, found.stage, found.fields, found.tasks,
        percent, paid.paid, short, paid.currency, paid.unrated, amount,
    )  # fmt: skip


def _is_empty(a: Asks, deal: Mapping[str, Any], name: str) -> bool:
    column = COLUMNS.get(name, name)
    if column in deal:
        return deal[column] is None or deal[column] == ""
    value = a.value(
        "SELECT v.value FROM field_value v JOIN custom_field f ON f.id = v.field_id "
        "WHERE v.subject_id = ? AND f.subject = 'deal' AND f.name = ? AND v.deleted_at IS NULL "
        "AND f.deleted_at IS NULL",
        (deal["id"], name),
    )
    return not value and own_field_exists(a, name)


def own_field_exists(a: Asks, name: str) -> bool:
    """Whether there is such an own field: one that was taken off the list is asked for no more."""
    sql = "SELECT 1 FROM custom_field WHERE subject = 'deal' AND name = ? AND deleted_at IS NULL"
    return a.value(sql, (name,)) is not None


# -- the refusal in words -------------------------------------------------------------------------


def refuse(found: Sequence[Missing]) -> MoveRefused:
    """The refusal that says what is missing, deal by deal when there are several."""
    kept = tuple(one for one in found if one)
    if len(kept) > 1:
        told = [
            tr("“{title}”: {needs}", title=one.title, needs=needs(one)) for one in kept[:_NAMED]
        ]
        if more := len(kept) - _NAMED:
            told += [ntr("and {n} more deal", "and {n} more deals", more)] if more > 0 else []
        return MoveRefused(
            N_("Nothing was moved: {stage} asks for more. {deals}."), kept,
            stage=kept[0].stage, deals="; ".join(told),
        )  # fmt: skip
    return _refuse_one(kept[0])


def _refuse_one(one: Missing) -> MoveRefused:
    fields, tasks = field_words(one.fields), ", ".join(task.title for task in one.tasks)
    if one.percent is not None and (fields or tasks):
        return MoveRefused(
            N_("“{title}” was not moved: {stage} asks for more. First: {needs}."), (one,),
            title=one.title, stage=one.stage, needs=needs(one),
        )  # fmt: skip
    if one.percent is not None:
        return MoveRefused(
            N_("“{title}” was not moved: {stage} opens when {share} of {amount} is paid, so far "
               "it is {paid}."),
            (one,), title=one.title, stage=one.stage, **_share(one),
        )  # fmt: skip
    if fields and tasks:
        return MoveRefused(
            N_("“{title}” was not moved: fill in {fields} and finish {tasks} first."), (one,),
            title=one.title, fields=fields, tasks=tasks,
        )  # fmt: skip
    if fields:
        return MoveRefused(
            N_("“{title}” was not moved: {stage} needs {fields} to be filled in."), (one,),
            title=one.title, stage=one.stage, fields=fields,
        )  # fmt: skip
    return MoveRefused(
        N_("“{title}” was not moved: {tasks} must be done first."), (one,),
        title=one.title, tasks=tasks,
    )  # fmt: skip


def needs(one: Missing, money: Callable[[Decimal, str], str] | None = None) -> str:
    """What a deal lacks, in words: ``fill in Amount, finish Call, 30% of 900 RUB paid (so
    far 12%)``; ``money`` writes an amount, else it is plain."""
    parts = []
    if one.fields:
        parts.append(tr("fill in {fields}", fields=field_words(one.fields)))
    if one.tasks:
        parts.append(tr("finish {tasks}", tasks=", ".join(task.title for task in one.tasks)))
    if one.percent is not None:
        parts.append(tr("{share} of {amount} paid (so far {paid})", **_share(one, money)))
    return ", ".join(parts)


def _share(one: Missing, money: Callable[[Decimal, str], str] | None = None) -> dict[str, str]:
    """The share asked for and the one that is paid."""
    told = (money or _plain)(one.amount, one.currency)
    return {
        "share": tr("{n}%", n=one.percent), "paid": tr("{n}%", n=one.paid_percent),
        "amount": told,
    }  # fmt: skip


def _plain(amount: Decimal, currency: str) -> str:
    from salesdesk.moments import plain

    return f"{plain(amount)} {currency}"


def field_words(names: Sequence[str]) -> str:
    """Fields as people call them."""
    from salesdesk.services.stage_rows import REQUIRABLE

    return ", ".join(tr(REQUIRABLE[name]) if name in REQUIRABLE else name for name in names)
