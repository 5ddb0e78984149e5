"""Why a record from the other end could not be read, for people: which object, which field. The
technical words are kept beside it and shown to nobody. Pure."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from salesdesk.services.sync.remote import FarRecord, Value
from salesdesk.services.sync.taking import Unplaced
from salesdesk.text import N_

FIELD = N_(
    "{kind} {key}: the field “{field}” cannot be read. It was set aside; nothing was changed, "
    "neither here nor in the CRM."
)
SOMETHING = N_(
    "{kind} {key}: something in it cannot be read. It was set aside; nothing was changed, neither "
    "here nor in the CRM."
)
#: Amounts in the database are whole ten-thousandths of 64 bits, days those of a calendar, moments
#: microseconds of the same.
_MOST_MONEY = Decimal(2**63) / 10_000
_LAST_DAY = 3_652_059
_LAST_MOMENT = (_LAST_DAY - 719_163) * 86_400 * 1_000_000


def why(record: FarRecord, error: Exception) -> Unplaced:
    """The reason, of an error that taking a record over ended with."""
    told = {"kind": record.entity, "key": record.far_id, "error": str(error.__cause__ or error)}
    field = blamed(record)
    return Unplaced(FIELD, **told, field=field) if field else Unplaced(SOMETHING, **told)


def blamed(record: FarRecord) -> str:
    """The first field that does not hold what it is to hold; "" where none is to blame."""
    return next(
        (name for name, value in record.fields.items() if not _HOLDS.get(name, _text)(value)), ""
    )


def _text(value: Value) -> bool:
    if not isinstance(value, str | None):
        return False
    try:
        return value is None or bool(value.encode()) or not value
    except UnicodeEncodeError:
        return False


def _texts(value: Value) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, str) and _text(one) for one in value)


def _money(value: Value) -> bool:
    if value is None:
        return True
    number = isinstance(value, Decimal | int) and not isinstance(value, bool)
    return number and Decimal(str(value)).is_finite() and abs(Decimal(str(value))) < _MOST_MONEY


def _moment(value: Value) -> bool:
    return value is None or (_whole(value) and abs(int(str(value))) < _LAST_MOMENT)


def _day(value: Value) -> bool:
    return value is None or (_whole(value) and 0 < int(str(value)) <= _LAST_DAY)


def _whole(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _flag(value: Value) -> bool:
    return isinstance(value, bool | None)


_HOLDS: Mapping[str, Callable[[Value], bool]] = {
    "amount": _money, "phones": _texts, "emails": _texts, "expected_day": _day, "done": _flag,
    "created_at": _moment, "due_at": _moment, "at": _moment,
}  # fmt: skip
