"""The workspace's own fields, of deals and of clients: what they may hold, and writing it.

Values are kept as text: a number or an amount plain (``1240.5``), a day as ISO, yes and no as
``yes`` and ``no``, a choice as its words.
"""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from salesdesk.errors import Invalid, NotFound
from salesdesk.models.store import Transaction
from salesdesk.moments import plain
from salesdesk.services import amounts
from salesdesk.text import N_


def known(a: Any, subject: str = "deal") -> dict[str, tuple[int, str]]:
    """The own fields of deals or clients by name: key and kind (a reader or a transaction)."""
    return {
        name: (key, kind)
        for key, name, kind in a.rows(
            "SELECT id, name, kind FROM custom_field WHERE subject = ? AND deleted_at IS NULL",
            (subject,),
        )
    }


def set_value(tx: Transaction, subject: str, subject_id: int, field_id: int, value: object) -> str:
    """Set an own field of a ``deal`` or a ``client``, None empties it; returns the field's name.

    Takes text, Decimal, a day (ordinal) or bool by the kind of the field. Raises NotFound for a
    field that is no more, Invalid when the value does not fit.
    """
    row = tx.row(
        "SELECT name, kind, options FROM custom_field WHERE id = ? AND subject = ? "
        "AND deleted_at IS NULL",
        (field_id, subject),
    )
    if row is None:
        raise NotFound(N_("This field does not exist any more; nothing was changed."))
    text = None if value is None else own_text(row[1], json.loads(row[2]), value)
    if value is not None and text is None:
        raise Invalid(
            N_("“{value}” cannot be kept in “{field}”; nothing was changed."),
            value=value, field=row[0],
        )  # fmt: skip
    put(tx, subject_id, field_id, text)
    return str(row[0])


def put(tx: Transaction, subject_id: int, field_id: int, text: str | None) -> None:
    """Write the value of an own field (as ``own_text`` makes it) of one deal or client."""
    found = tx.value(
        "SELECT id FROM field_value WHERE subject_id = ? AND field_id = ? AND deleted_at IS NULL",
        (subject_id, field_id),
    )
    if found is not None:
        tx.update("field_value", [{"id": found, "value": text}])
    elif text is not None:
        row = {"subject_id": subject_id, "field_id": field_id, "value": text}
        tx.insert("field_value", [row])


def own_text(kind: str, options: Sequence[str], value: object) -> str | None:
    """A value of an own field as it is kept; None when it is not one of that kind."""
    if kind in ("number", "money"):
        if not isinstance(value, Decimal) or not value.is_finite():
            return None
        if not amounts.fits(value):
            raise Invalid(amounts.TOO_LARGE)
        return plain(value)
    if kind == "date":
        return date.fromordinal(value).isoformat() if isinstance(value, int) else None
    if kind == "yes_no":
        return ("yes" if value else "no") if isinstance(value, bool) else None
    words = str(value).strip()
    if kind == "choice":
        return words if words in options else None
    return words or None


def own_value(kind: str, text: str | None) -> str | Decimal | int | bool | None:
    """What ``own_text`` kept, back: Decimal, day, bool or text; text that does not fit its kind
    (an import may bring any) stays text."""
    if text is None:
        return None
    try:
        if kind in ("number", "money"):
            return Decimal(text)
        if kind == "date":
            return date.fromisoformat(text).toordinal()
    except (InvalidOperation, ValueError):
        return text
    if kind == "yes_no" and text in ("yes", "no"):
        return text == "yes"
    return text
