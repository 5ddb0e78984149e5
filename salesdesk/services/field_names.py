"""An own field of deals that goes by another name: whatever names it in the configuration follows.

Rules, links and stages know own fields by their names, as configuration files do.
"""

import json
from collections.abc import Callable
from typing import Any

from salesdesk.models.store import Transaction
from salesdesk.services import braces, happenings
from salesdesk.services.carrying import ARROW, COPIED, FILLED
from salesdesk.services.stage_rows import REQUIRABLE

#: Names that mean a column of the deal, also where an own field is called so.
_COLUMNS = frozenset((*COPIED, *FILLED, *happenings.DATES, *REQUIRABLE))


def follow(tx: Transaction, old: str, new: str) -> None:
    """Have task rules, links, stages and waiting tasks name the field as it is called now, rules
    that were deleted too: their tasks go on waiting."""
    _rewrite(tx, "task_rule", "description", lambda text: braces.renamed(text, old, new))
    if old in _COLUMNS:
        return

    def one(name: str) -> str:
        return new if name == old else name

    def way(name: str) -> str:
        child, arrow, place = name.partition(ARROW)
        return f"{child}{arrow}{one(place)}" if arrow and name != old else one(name)

    for table, column in (
        ("task_rule", "date_field"), ("task_rule", "event_field"), ("task", "event_field"),
    ):  # fmt: skip
        _rewrite(tx, table, column, one, "= ?", old)
    for table, column, change in (
        ("link_rule", "copied", one), ("link_rule", "filled", way), ("stage", "required", one),
    ):  # fmt: skip
        _rewrite(tx, table, column, _each(change))


def _each(change: Callable[[str], str]) -> Callable[[str], str]:
    """The same for a list of names, as it is kept."""

    def changed(kept: str) -> str:
        names = json.loads(kept)
        found = [change(name) for name in names]
        return kept if found == names else json.dumps(found, ensure_ascii=False)

    return changed


def _rewrite(
    tx: Transaction,
    table: str,
    column: str,
    change: Callable[[str], str],
    where: str = "IS NOT NULL",
    *params: Any,
) -> None:
    rows = [
        (key, text, change(text))
        for key, text in tx.rows(f"SELECT id, {column} FROM {table} WHERE {column} {where}", params)
    ]
    tx.update(table, [{"id": key, column: after} for key, before, after in rows if after != before])
