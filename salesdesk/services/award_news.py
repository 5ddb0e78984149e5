"""What the digest tells of awards: those confirmed lately, once."""

from decimal import ROUND_HALF_UP, Decimal

from salesdesk.services.awards import Quarter, hall, quarter_name
from salesdesk.services.digest_text import figures
from salesdesk.services.records import Asks
from salesdesk.text import tr

#: So long after the confirmation a digest still announces them (days).
_NEWS = 7


def announcement(r: Asks, day: int) -> list[str]:
    """What the digest of a day tells of awards: those confirmed lately, in the first digest after
    it (a paragraph a quarter)."""
    return [_news(one) for one in hall(r) if _is_news(r, one, day)]


def _is_news(r: Asks, found: Quarter, day: int) -> bool:
    given = r.zone.day_of(found.at)
    if not given < day <= given + _NEWS:
        return False
    told = r.value(
        "SELECT 1 FROM digest_sent WHERE kind = 'days' AND day > ? AND day < ? "
        "AND state IN ('sent', 'unknown', 'sending') AND deleted_at IS NULL LIMIT 1",
        (given, day),
    )
    return told is None


def _news(found: Quarter) -> str:
    names = "; ".join(
        tr("{place}. {name} ({points} points)",
           place=one.place, name=one.person, points=_points(one.points))
        for one in found.winners
    )  # fmt: skip
    return tr("Awards of {quarter}: {names}. Congratulations!",
              quarter=quarter_name(found.first_month), names=names)  # fmt: skip


def _points(points: Decimal) -> str:
    """Points as the ranking shows them, to a tenth."""
    return figures(points.quantize(Decimal("0.1"), ROUND_HALF_UP))
