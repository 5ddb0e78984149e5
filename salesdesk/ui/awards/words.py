"""How places and awards are spoken of."""

from decimal import ROUND_HALF_UP, Decimal

from salesdesk.moments import Zone
from salesdesk.services.awards import Quarter, Winner, quarter_name
from salesdesk.text import N_, tr
from salesdesk.ui import formats

PLACES = {1: N_("First place"), 2: N_("Second place"), 3: N_("Third place")}
#: Stage colours that stand for gold, silver and bronze.
METALS = {1: "amber", 2: "slate", 3: "orange"}


def points(value: Decimal) -> str:
    """Points with their word, to a tenth: ``390.2 points``."""
    rounded = value.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return tr("{points} points", points=formats.decimal(rounded))


def confirmed(quarter: Quarter, zone: Zone) -> str:
    """When and by whom the awards were confirmed."""
    day = formats.day(zone.day_of(quarter.at))
    if quarter.by is None:
        return tr("Confirmed on {day}", day=day)
    return tr("Confirmed on {day} by {name}", day=day, name=quarter.by)


def given_on(quarter: Quarter, zone: Zone) -> str:
    """The same where there is little room: the day, and who."""
    day = formats.day(zone.day_of(quarter.at))
    return " · ".join(filter(None, (day, quarter.by)))


def spoken(quarter: Quarter) -> str:
    """All winners of a quarter in a sentence, for a screen reader."""
    said = [
        f"{tr(PLACES[one.place])}: {one.person}, {points(one.points)}" for one in quarter.winners
    ]
    return f"{quarter_name(quarter.first_month)}. {'; '.join(said)}"


def reasons(winners: tuple[Winner, ...]) -> str:
    """Why places are other than the ranking's; each reason once."""
    found = dict.fromkeys(one.reason for one in winners if one.reason)
    return "; ".join(found)
