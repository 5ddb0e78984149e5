"""How wide the columns of the ranking are: what each needs, the rest shared out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from salesdesk.ui import theme
from salesdesk.ui.ranking.columns import is_number
from salesdesk.ui.ranking.paint import PAD, SPARK_WIDTH, TIGHT

_NAME_MOST = 330
_TEAM_MOST = 160
#: From roomy to narrow: room at the sides, the little charts, the longest name with its avatar.
_WAYS = (
    (PAD, True, 300), (PAD, True, 190), (PAD - 1, True, 150), (PAD - 2, True, 140),
    (TIGHT, True, 130), (PAD - 1, False, 160), (TIGHT, False, 130), (TIGHT, False, 104),
)  # fmt: skip
#: Where far from everything fits the table scrolls, so nothing has to be squeezed.
_SCROLLED = (PAD - 1, True, 170)
_FAR = 1.25


@dataclass(frozen=True, slots=True)
class Fitted:
    """The room at the sides of each cell, the widths by column (0: there is no room for it), and
    whether all of it is wider than the room that was given."""

    pad: int
    widths: dict[str, int]
    tight: bool

    @property
    def width(self) -> int:
        """All columns together."""
        return sum(self.widths.values())


def fitted(
    columns: Sequence[str], widest: Mapping[str, float], heads: Mapping[str, float], room: int
) -> Fitted:
    """Give each column what it needs and share out the rest; what does not fit goes narrower, then
    without the little charts, then scrolls. ``widest`` and ``heads`` are the widths of texts by
    column."""
    for pad, spark, name in _WAYS:
        widths = {one: _width(one, widest, heads[one], pad, spark, name) for one in columns}
        spare = room - sum(widths.values())
        if spare >= 0:
            return Fitted(pad, _shared(widths, spare) if spare else widths, False)
    if room - spare < _FAR * room:
        return Fitted(pad, widths, True)
    pad, spark, name = _SCROLLED
    widths = {one: _width(one, widest, heads[one], pad, spark, name) for one in columns}
    return Fitted(pad, widths, True)


def _shared(widths: Mapping[str, int], spare: int) -> dict[str, int]:
    """The spare room: a part to the names, the rest to all figures alike."""
    made = dict(widths)
    wider = max(min(spare // 3, _NAME_MOST - made.get("person", _NAME_MOST)), 0)
    if wider:
        made["person"] += wider
        spare -= wider
    takers = [one for one, width in made.items() if is_number(one) or (one == "weeks" and width)]
    if not takers:
        takers = list(made)
    each, rest = divmod(spare, len(takers))
    for place, one in enumerate(takers):
        made[one] += each + (1 if place < rest else 0)
    return made


def _width(
    column: str, widest: Mapping[str, float], head: float, pad: int, spark: bool, name: int
) -> int:
    """What a column needs of the width; ``name`` is the most that a name gets."""
    if column == "rank":
        need = widest[column] + theme.S + theme.XS
    elif column == "person":
        need = min(widest[column] + theme.AVATAR + theme.S, name) + 2
    elif column == "weeks":
        need = max(SPARK_WIDTH, head) + theme.S if spark else -2 * pad
    elif column == "team":
        need = min(widest[column], _TEAM_MOST) + 2
    else:
        need = widest[column]
    if column == "points":
        need = max(need, 50)
    return int(max(need, head if column != "weeks" else need) + 2 * pad + 0.99)
